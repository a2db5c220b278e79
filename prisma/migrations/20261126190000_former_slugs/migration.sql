-- An event that is renamed in addresses goes on being found by its old slugs.

-- AlterTable
ALTER TABLE "events" ADD COLUMN     "former_slugs" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- CreateIndex
-- migration: allow index-not-concurrent because the column is empty, and a server has some thousands of events
CREATE INDEX "events_former_slugs_idx" ON "events" USING GIN ("former_slugs");

-- Keeps the last twenty slugs that the event had before. Fires before stamp_row, which comes later in the alphabet.
CREATE FUNCTION keep_former_slugs() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  NEW.former_slugs := (array_remove(OLD.former_slugs, NEW.slug) || OLD.slug)[
    greatest(1, cardinality(array_remove(OLD.former_slugs, NEW.slug)) - 18):
  ];
  RETURN NEW;
END
$$;

CREATE TRIGGER keep_former_slugs BEFORE UPDATE OF slug ON events FOR EACH ROW
  WHEN (OLD.slug <> NEW.slug) EXECUTE FUNCTION keep_former_slugs();

-- Nobody else takes a slug that leads to an event: who followed an old address would come to a stranger. (The unique index
-- keeps out who takes a slug while it is being given up; this looks afterwards.)
CREATE FUNCTION refuse_former_slug() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF EXISTS (SELECT FROM events WHERE former_slugs @> ARRAY[NEW.slug] AND id <> NEW.id) THEN
    RAISE EXCEPTION 'an event had the slug % before', NEW.slug USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER refuse_former_slug AFTER INSERT OR UPDATE OF slug ON events
  FOR EACH ROW EXECUTE FUNCTION refuse_former_slug();

-- Which migration this one follows. Kept by "npx prisma migrate dev"; let it stay the last statement.
INSERT INTO migration_lineage (name, parent) VALUES ('20261126190000_former_slugs', '20261126155000_cursor_keys');
