-- All that imported programmes have called a row besides its source_id.

-- CreateTable
CREATE TABLE "source_ids" (
    "event_id" UUID NOT NULL,
    "row_id" UUID NOT NULL,
    "source_id" TEXT NOT NULL,

    CONSTRAINT "source_ids_pkey" PRIMARY KEY ("row_id","source_id")
);

-- CreateIndex
CREATE INDEX "source_ids_event_id_idx" ON "source_ids"("event_id");

-- AddForeignKey
ALTER TABLE "source_ids" ADD CONSTRAINT "source_ids_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "events"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Which migration this one follows. Kept by "npx prisma migrate dev"; let it stay the last statement.
INSERT INTO migration_lineage (name, parent) VALUES ('20261126153000_source_ids', '20261126151500_programme_bounds');
