-- What each source of an event said of a row when it was imported last, and which source calls a row by which id.

-- CreateTable
CREATE TABLE "imported_rows" (
    "event_id" UUID NOT NULL,
    "row_id" UUID NOT NULL,
    "source" TEXT NOT NULL,
    "values" JSONB NOT NULL,
    "gone_at" TIMESTAMPTZ,

    CONSTRAINT "imported_rows_pkey" PRIMARY KEY ("row_id","source")
);

-- CreateIndex
CREATE INDEX "imported_rows_event_id_idx" ON "imported_rows"("event_id");

-- AddForeignKey
ALTER TABLE "imported_rows" ADD CONSTRAINT "imported_rows_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "events"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AlterTable
ALTER TABLE "source_ids" ADD COLUMN     "source" TEXT NOT NULL DEFAULT 'main';

-- AlterTable
-- migration: allow unique-constraint-builds-index because only imports read and write the table, which has some thousands of rows
ALTER TABLE "source_ids" DROP CONSTRAINT "source_ids_pkey",
ADD CONSTRAINT "source_ids_pkey" PRIMARY KEY ("row_id", "source", "source_id");

-- Which migration this one follows. Kept by "npx prisma migrate dev"; let it stay the last statement.
INSERT INTO migration_lineage (name, parent) VALUES ('20261126230000_imported_rows', '20261126224500_links_and_venues');
