-- When rooms are open and speakers can be there, and the breaks of a programme.

-- AlterEnum
ALTER TYPE "revised_entity" ADD VALUE 'break';

-- AlterTable
ALTER TABLE "rooms" ADD COLUMN     "open_from" TIMESTAMPTZ[] DEFAULT ARRAY[]::TIMESTAMPTZ[],
ADD COLUMN     "open_until" TIMESTAMPTZ[] DEFAULT ARRAY[]::TIMESTAMPTZ[];

-- AlterTable
ALTER TABLE "speakers" ADD COLUMN     "available_from" TIMESTAMPTZ[] DEFAULT ARRAY[]::TIMESTAMPTZ[],
ADD COLUMN     "available_until" TIMESTAMPTZ[] DEFAULT ARRAY[]::TIMESTAMPTZ[];

-- CreateTable
CREATE TABLE "breaks" (
    "id" UUID NOT NULL,
    "event_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "starts_at" TIMESTAMPTZ NOT NULL,
    "ends_at" TIMESTAMPTZ NOT NULL,
    "room_id" UUID,
    "created_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_modified_at" TIMESTAMPTZ NOT NULL,
    "deleted_at" TIMESTAMPTZ,
    "version" INTEGER NOT NULL DEFAULT 1,
    "modified_in" xid8,

    CONSTRAINT "breaks_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "breaks_event_id_starts_at_id_idx" ON "breaks"("event_id", "starts_at", "id");

-- CreateIndex
CREATE INDEX "breaks_event_id_room_id_idx" ON "breaks"("event_id", "room_id");

-- AddForeignKey
ALTER TABLE "breaks" ADD CONSTRAINT "breaks_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "events"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "breaks" ADD CONSTRAINT "breaks_event_id_room_id_fkey" FOREIGN KEY ("event_id", "room_id") REFERENCES "rooms"("event_id", "id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Whether two lists say periods, pair by pair: each of finite whole milliseconds, ending after it starts, one after the
-- other. They may touch: who opens a room from 9 to 12 and from 12 to 18 said so.
CREATE FUNCTION are_periods(starts timestamptz[], ends timestamptz[]) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT starts IS NOT NULL AND ends IS NOT NULL AND cardinality(starts) = cardinality(ends) AND NOT EXISTS (
    SELECT FROM (
      SELECT starts_at, ends_at, lag(ends_at) OVER (ORDER BY place) AS previous_end
      FROM unnest(starts, ends) WITH ORDINALITY AS p(starts_at, ends_at, place)
    ) p
    WHERE (
      isfinite(starts_at) AND isfinite(ends_at) AND ends_at > starts_at
      AND starts_at >= coalesce(previous_end, starts_at)
      AND date_trunc('milliseconds', starts_at) = starts_at AND date_trunc('milliseconds', ends_at) = ends_at
    ) IS NOT TRUE
  )
$$;

-- The same as one value, to ask what lies within. No periods are no limits: everything does.
CREATE FUNCTION within_periods(starts timestamptz[], ends timestamptz[]) RETURNS tstzmultirange
LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(range_agg(tstzrange(starts_at, ends_at)), '{(,)}')
  FROM unnest(starts, ends) AS p(starts_at, ends_at)
$$;

-- The rows that are there have no periods; the next migration looks at them without keeping anybody waiting.
ALTER TABLE rooms ADD CONSTRAINT rooms_open_in_periods CHECK (are_periods(open_from, open_until)) NOT VALID;
ALTER TABLE speakers
  ADD CONSTRAINT speakers_available_in_periods CHECK (are_periods(available_from, available_until)) NOT VALID;
ALTER TABLE breaks
  ADD CONSTRAINT breaks_end_after_start CHECK (ends_at > starts_at),
  ADD CONSTRAINT breaks_whole_milliseconds CHECK (
    date_trunc('milliseconds', starts_at) = starts_at AND date_trunc('milliseconds', ends_at) = ends_at
  ),
  ADD CONSTRAINT breaks_name_not_blank CHECK (name ~ '\S');

CREATE TRIGGER stamp_row BEFORE INSERT OR UPDATE ON breaks
  FOR EACH ROW EXECUTE FUNCTION stamp_row('break');
CREATE TRIGGER record_revision AFTER INSERT OR UPDATE OR DELETE ON breaks
  FOR EACH ROW EXECUTE FUNCTION record_revision('break');

-- As before; when a person could be there tells about the person, too, and stays a list.
CREATE OR REPLACE FUNCTION without_person(row_values jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(jsonb_object_agg(key, CASE
    WHEN value = 'null' OR key IN ('source_id', 'deleted_at', 'erased_at') THEN value
    WHEN key IN ('available_from', 'available_until') THEN '[]'
    WHEN key IN ('photo_url', 'website_url', 'user_id') THEN 'null'
    ELSE '"(erased)"'
  END), '{}')
  FROM jsonb_each(row_values)
$$;

-- Which migration this one follows. Kept by "npx prisma migrate dev"; let it stay the last statement.
INSERT INTO migration_lineage (name, parent) VALUES ('20261125130118_rooms_hours_breaks', '20261123210000_migration_lineage');
