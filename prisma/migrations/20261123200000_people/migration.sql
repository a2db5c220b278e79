-- Who may do what: users, what they are at an event, invitations, and tokens that are held to events and permissions.

-- CreateEnum
CREATE TYPE "event_role" AS ENUM ('owner', 'organizer', 'co_organizer', 'track_organizer', 'moderator', 'reviewer', 'speaker');

-- AlterTable
ALTER TABLE "access_tokens" ADD COLUMN     "event_ids" UUID[] DEFAULT ARRAY[]::UUID[],
ADD COLUMN     "last_used_at" TIMESTAMPTZ,
ADD COLUMN     "permissions" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "revoked_at" TIMESTAMPTZ,
ADD COLUMN     "user_id" UUID,
ALTER COLUMN "role" TYPE "event_role" USING role::text::event_role;

-- AlterTable
ALTER TABLE "sessions" ADD COLUMN     "is_speaker_list_locked" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "speakers" ADD COLUMN     "user_id" UUID;

-- DropEnum
DROP TYPE "access_role";

-- CreateTable
CREATE TABLE "users" (
    "id" UUID NOT NULL,
    "issuer" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "name" TEXT,
    "email" TEXT,
    "is_admin" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_modified_at" TIMESTAMPTZ NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "modified_in" xid8,

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "memberships" (
    "id" UUID NOT NULL,
    "event_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "role" "event_role" NOT NULL,
    "track_ids" UUID[] DEFAULT ARRAY[]::UUID[],
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_modified_at" TIMESTAMPTZ NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "modified_in" xid8,

    CONSTRAINT "memberships_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "invitations" (
    "id" UUID NOT NULL,
    "event_id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "role" "event_role" NOT NULL,
    "track_ids" UUID[] DEFAULT ARRAY[]::UUID[],
    "speaker_id" UUID,
    "hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ NOT NULL,
    "accepted_at" TIMESTAMPTZ,
    "revoked_at" TIMESTAMPTZ,

    CONSTRAINT "invitations_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "users_issuer_subject_key" ON "users"("issuer", "subject");

-- CreateIndex
CREATE INDEX "memberships_user_id_idx" ON "memberships"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "memberships_event_id_user_id_key" ON "memberships"("event_id", "user_id");

-- CreateIndex
CREATE UNIQUE INDEX "invitations_hash_key" ON "invitations"("hash");

-- CreateIndex
CREATE INDEX "invitations_event_id_created_at_idx" ON "invitations"("event_id", "created_at");

-- CreateIndex
CREATE INDEX "access_tokens_user_id_idx" ON "access_tokens"("user_id");

-- CreateIndex
CREATE INDEX "speakers_user_id_idx" ON "speakers"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "speakers_event_id_user_id_key" ON "speakers"("event_id", "user_id");

-- AddForeignKey
ALTER TABLE "speakers" ADD CONSTRAINT "speakers_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "events"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "events"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "invitations" ADD CONSTRAINT "invitations_event_id_speaker_id_fkey" FOREIGN KEY ("event_id", "speaker_id") REFERENCES "speakers"("event_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "access_tokens" ADD CONSTRAINT "access_tokens_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

CREATE TRIGGER stamp_row BEFORE INSERT OR UPDATE ON users
  FOR EACH ROW EXECUTE FUNCTION stamp_row();
CREATE TRIGGER stamp_row BEFORE INSERT OR UPDATE ON memberships
  FOR EACH ROW EXECUTE FUNCTION stamp_row();

-- That a token is used changes nothing about it: a statement that only says so isn't stamped.
DROP TRIGGER stamp_row ON access_tokens;
CREATE TRIGGER stamp_row BEFORE INSERT OR UPDATE OF
  id, hash, role, label, event_ids, permissions, user_id, expires_at, revoked_at, created_at, last_modified_at, version,
  modified_in ON access_tokens
  FOR EACH ROW EXECUTE FUNCTION stamp_row();

-- One owner an event, and who is a track organizer has tracks. A speaker is named by the event's speakers.
CREATE UNIQUE INDEX memberships_one_owner ON memberships (event_id) WHERE role = 'owner';
ALTER TABLE memberships
  ADD CONSTRAINT memberships_role CHECK (role <> 'speaker'),
  ADD CONSTRAINT memberships_tracks CHECK ((role = 'track_organizer') = (cardinality(track_ids) > 0));
ALTER TABLE invitations
  ADD CONSTRAINT invitations_tracks CHECK ((role = 'track_organizer') = (cardinality(track_ids) > 0)),
  ADD CONSTRAINT invitations_speaker CHECK ((role = 'speaker') = (speaker_id IS NOT NULL));

-- An event that had an owner is never left without one, whoever writes: looked at when the transaction commits, so that
-- one may follow the other in two steps.
CREATE FUNCTION require_owner() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM memberships WHERE event_id = OLD.event_id AND role = 'owner') THEN
    RAISE EXCEPTION 'The event % would be left without an owner', OLD.event_id USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER require_owner AFTER UPDATE OR DELETE ON memberships DEFERRABLE INITIALLY DEFERRED
  FOR EACH ROW WHEN (OLD.role = 'owner') EXECUTE FUNCTION require_owner();
