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
  ('20261123190000_migration_lineage', '20261123163000_history');
