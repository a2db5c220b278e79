-- What people want to go to, and the addresses at which their calendars of it are read.

-- CreateTable
CREATE TABLE "favorites" (
    "user_id" UUID NOT NULL,
    "session_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "favorites_pkey" PRIMARY KEY ("user_id","session_id")
);

-- CreateTable
CREATE TABLE "personal_calendars" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "event_id" UUID NOT NULL,
    "hash" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "revoked_at" TIMESTAMPTZ,

    CONSTRAINT "personal_calendars_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "favorites_session_id_idx" ON "favorites"("session_id");

-- CreateIndex
CREATE UNIQUE INDEX "personal_calendars_hash_key" ON "personal_calendars"("hash");

-- CreateIndex
CREATE INDEX "personal_calendars_user_id_idx" ON "personal_calendars"("user_id");

-- CreateIndex
CREATE INDEX "personal_calendars_event_id_idx" ON "personal_calendars"("event_id");

-- AddForeignKey
ALTER TABLE "favorites" ADD CONSTRAINT "favorites_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "favorites" ADD CONSTRAINT "favorites_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "sessions"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "personal_calendars" ADD CONSTRAINT "personal_calendars_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "personal_calendars" ADD CONSTRAINT "personal_calendars_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "events"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Which migration this one follows. Kept by "npx prisma migrate dev"; let it stay the last statement.
INSERT INTO migration_lineage (name, parent) VALUES ('20261126232000_favorites', '20261126231100_search_filled');
