-- Links and pictures of events, sessions and speakers, and where an event happens. They are values of their rows, so that
-- stamps, history, conflicts and the past know them like any other.

-- AlterTable
-- migration: allow check-validates because the new columns hold nothing but their defaults
ALTER TABLE "events" ADD COLUMN     "links" JSONB NOT NULL DEFAULT '[]'
  CONSTRAINT events_links_are_a_short_list CHECK (
    jsonb_typeof(links) = 'array' AND jsonb_array_length(links) <= 20 AND NOT jsonb_path_exists(links, '$[*] ? (@.type() != "object")')
  ),
ADD COLUMN     "logo_url" TEXT,
ADD COLUMN     "venue" JSONB
  CONSTRAINT venue_is_an_object CHECK (jsonb_typeof(venue) = 'object'),
ADD COLUMN     "website_url" TEXT;

-- AlterTable
-- migration: allow check-validates because the new columns hold nothing but their defaults
ALTER TABLE "sessions" ADD COLUMN     "image_url" TEXT,
ADD COLUMN     "links" JSONB NOT NULL DEFAULT '[]'
  CONSTRAINT sessions_links_are_a_short_list CHECK (
    jsonb_typeof(links) = 'array' AND jsonb_array_length(links) <= 20 AND NOT jsonb_path_exists(links, '$[*] ? (@.type() != "object")')
  );

-- AlterTable
-- migration: allow check-validates because the new columns hold nothing but their defaults
ALTER TABLE "speakers" ADD COLUMN     "links" JSONB NOT NULL DEFAULT '[]'
  CONSTRAINT speakers_links_are_a_short_list CHECK (
    jsonb_typeof(links) = 'array' AND jsonb_array_length(links) <= 20 AND NOT jsonb_path_exists(links, '$[*] ? (@.type() != "object")')
  );

-- What a revision of a speaker holds once the person is erased: the keys tell which values changed, and nothing tells
-- what they were. Periods and links are lists, of which none are left.
CREATE OR REPLACE FUNCTION without_person(row_values jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(jsonb_object_agg(key, CASE
    WHEN value = 'null' OR key IN ('source_id', 'deleted_at', 'erased_at') THEN value
    WHEN key IN ('available_from', 'available_until', 'links') THEN '[]'
    WHEN key IN ('photo_url', 'website_url', 'user_id') THEN 'null'
    ELSE '"(erased)"'
  END), '{}')
  FROM jsonb_each(row_values)
$$;

-- Which migration this one follows. Kept by "npx prisma migrate dev"; let it stay the last statement.
INSERT INTO migration_lineage (name, parent) VALUES ('20261126224500_links_and_venues', '20261126193000_days_and_slots');
