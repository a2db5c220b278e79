-- Tokens that act for a user, and tokens that a token minted.

-- AlterTable
ALTER TABLE "access_tokens" ADD COLUMN "parent_id" UUID CONSTRAINT "access_tokens_parent_id_fkey"
  REFERENCES "access_tokens"("id") ON DELETE RESTRICT ON UPDATE CASCADE;
ALTER TABLE "access_tokens" ALTER COLUMN "role" DROP NOT NULL;

-- CreateIndex
-- migration: allow index-not-concurrent because a server has some hundreds of tokens, and writes them rarely
CREATE INDEX "access_tokens_parent_id_idx" ON "access_tokens"("parent_id");

-- What is nobody's says what it acts like.
-- migration: allow check-validates because a server has some hundreds of tokens, all of which have a role
ALTER TABLE access_tokens ADD CONSTRAINT access_tokens_acts_like CHECK (role IS NOT NULL OR user_id IS NOT NULL);

-- Who minted a token is part of what it is. As before, that it is used is none.
DROP TRIGGER stamp_row ON access_tokens;
CREATE TRIGGER stamp_row BEFORE INSERT OR UPDATE OF
  id, hash, role, label, event_ids, permissions, user_id, parent_id, expires_at, revoked_at, created_at, last_modified_at,
  version, modified_in ON access_tokens
  FOR EACH ROW EXECUTE FUNCTION stamp_row();

-- Which migration this one follows. Kept by "npx prisma migrate dev"; let it stay the last statement.
INSERT INTO migration_lineage (name, parent) VALUES ('20261125140000_tokens_of_people', '20261125131500_bookings_filled');
