-- CreateTable
CREATE TABLE "migration_lineage" (
    "name" TEXT NOT NULL,
    "parent" TEXT NOT NULL,

    CONSTRAINT "migration_lineage_pkey" PRIMARY KEY ("name")
);

-- CreateIndex
CREATE UNIQUE INDEX "each_migration_has_one_successor" ON "migration_lineage"("parent");

-- Which migration this one follows. Kept by "npx prisma migrate dev"; let it stay the last statement.
INSERT INTO migration_lineage (name, parent) VALUES
  ('20261123150000_programme', '-'),
  ('20261123151000_stamps_and_checks', '20261123150000_programme'),
  ('20261123163000_history', '20261123151000_stamps_and_checks'),
  ('20261123164000_rows_as_of', '20261123163000_history'),
  ('20261123174000_gone_for_good', '20261123164000_rows_as_of'),
  ('20261123175000_token_stamps', '20261123174000_gone_for_good'),
  ('20261123200000_people', '20261123175000_token_stamps'),
  ('20261123201000_idempotency_keys', '20261123200000_people'),
  ('20261123202000_erased_speakers', '20261123201000_idempotency_keys'),
  ('20261123210000_migration_lineage', '20261123202000_erased_speakers');
