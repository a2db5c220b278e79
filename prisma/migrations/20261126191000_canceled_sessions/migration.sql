-- What the public has seen of a programme and lost again is news: its title, its last public times and place, and since when.

-- AlterTable
ALTER TABLE "events" ADD COLUMN     "shows_canceled" BOOLEAN NOT NULL DEFAULT true;

-- CreateTable
CREATE TABLE "canceled_sessions" (
    "id" UUID NOT NULL,
    "event_id" UUID NOT NULL,
    "title" TEXT NOT NULL,
    "starts_at" TIMESTAMPTZ,
    "ends_at" TIMESTAMPTZ,
    "track_id" UUID,
    "room_id" UUID,
    "created_at" TIMESTAMPTZ NOT NULL,
    "last_modified_at" TIMESTAMPTZ NOT NULL,
    "version" INTEGER NOT NULL,

    CONSTRAINT "canceled_sessions_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "canceled_sessions_event_id_starts_at_id_idx" ON "canceled_sessions"("event_id", "starts_at", "id");

-- CreateIndex
CREATE INDEX "canceled_sessions_event_id_track_id_idx" ON "canceled_sessions"("event_id", "track_id");

-- CreateIndex
CREATE INDEX "canceled_sessions_event_id_room_id_idx" ON "canceled_sessions"("event_id", "room_id");

-- AddForeignKey
ALTER TABLE "canceled_sessions" ADD CONSTRAINT "canceled_sessions_id_fkey" FOREIGN KEY ("id") REFERENCES "sessions"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "canceled_sessions" ADD CONSTRAINT "canceled_sessions_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "events"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "canceled_sessions" ADD CONSTRAINT "canceled_sessions_event_id_track_id_fkey" FOREIGN KEY ("event_id", "track_id") REFERENCES "tracks"("event_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "canceled_sessions" ADD CONSTRAINT "canceled_sessions_event_id_room_id_fkey" FOREIGN KEY ("event_id", "room_id") REFERENCES "rooms"("event_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Remembers what the public saw last of a session that leaves a published programme without being deleted, and forgets it
-- when the session is public again. What the public saw is what was there before the transaction: the revision knows it,
-- so this trigger comes after `record_revision`, by its name.
CREATE FUNCTION remember_canceled() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  revision revisions;
  seen sessions;
BEGIN
  IF is_shown('session', to_jsonb(NEW)) THEN
    DELETE FROM canceled_sessions WHERE id = NEW.id;
    RETURN NULL;
  END IF;
  SELECT * INTO revision FROM revisions
  WHERE entity = 'session' AND entity_id = NEW.id AND version = NEW.version;
  IF NEW.deleted_at IS NULL AND revision.was_shown AND EXISTS (
    SELECT FROM events WHERE id = NEW.event_id AND state = 'published' AND deleted_at IS NULL
  ) THEN
    seen := jsonb_populate_record(NEW, revision.before);
    INSERT INTO canceled_sessions AS c
      (id, event_id, title, starts_at, ends_at, track_id, room_id, created_at, last_modified_at, version)
    VALUES (
      NEW.id, NEW.event_id, seen.title, seen.starts_at, seen.ends_at, seen.track_id, seen.room_id,
      NEW.created_at, NEW.last_modified_at, NEW.version
    )
    ON CONFLICT (id) DO NOTHING;
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER remember_canceled AFTER UPDATE ON sessions FOR EACH ROW
  WHEN ((OLD.state, OLD.deleted_at) IS DISTINCT FROM (NEW.state, NEW.deleted_at))
  EXECUTE FUNCTION remember_canceled();

-- As before; a canceled session that is deleted, or restored, is one that the public sees going, or coming back.
CREATE OR REPLACE FUNCTION record_revision() RETURNS trigger LANGUAGE plpgsql
  SET search_path FROM CURRENT SET "TimeZone" TO 'UTC' AS $$
DECLARE
  old_row jsonb := CASE WHEN TG_OP = 'INSERT' THEN '{}' ELSE to_jsonb(OLD) END;
  new_row jsonb := CASE WHEN TG_OP = 'DELETE' THEN '{}' ELSE to_jsonb(NEW) END;
  any_row jsonb := CASE WHEN TG_OP = 'DELETE' THEN old_row ELSE new_row END;
  was jsonb := changed_values(jsonb_strip_nulls(revised_values(old_row)), revised_values(new_row));
  becomes jsonb := changed_values(jsonb_strip_nulls(revised_values(new_row)), revised_values(old_row));
  revised_version integer := any_row ->> 'version';
  moment timestamptz := any_row ->> 'last_modified_at';
  what revision_operation;
  is_news boolean := false;
BEGIN
  IF was = '{}' AND becomes = '{}' THEN
    RETURN NULL;
  END IF;
  IF TG_OP = 'INSERT' THEN
    what := 'created';
  ELSIF TG_OP = 'DELETE' THEN
    what := 'deleted';
    revised_version := revised_version + 1;
    moment := greatest(date_trunc('milliseconds', clock_timestamp()), moment + interval '1 millisecond');
  ELSIF becomes ? 'deleted_at' AND NOT was ? 'deleted_at' THEN
    what := 'deleted';
  ELSIF was ? 'deleted_at' AND NOT becomes ? 'deleted_at' THEN
    what := 'restored';
  ELSE
    what := 'updated';
  END IF;

  IF TG_ARGV[0] = 'session' AND what IN ('deleted', 'restored') THEN
    is_news := EXISTS (SELECT FROM canceled_sessions c WHERE c.id = (any_row ->> 'id')::uuid);
  END IF;

  -- A value that was empty, or became so, is null on that side: both sides name the same columns.
  was := (SELECT coalesce(jsonb_object_agg(key, 'null'::jsonb), '{}') FROM jsonb_object_keys(becomes) AS key) || was;
  becomes := (SELECT coalesce(jsonb_object_agg(key, 'null'::jsonb), '{}') FROM jsonb_object_keys(was) AS key) || becomes;

  INSERT INTO revisions AS r
    (entity, entity_id, event_id, version, recorded_at, operation, actor, request_id, before, after, recorded_in,
     change, was_shown, is_shown)
  VALUES (
    TG_ARGV[0]::revised_entity,
    (any_row ->> 'id')::uuid,
    coalesce(any_row ->> 'event_id', any_row ->> 'id')::uuid,
    revised_version,
    moment,
    what,
    nullif(current_setting('open_event.actor', true), ''),
    nullif(current_setting('open_event.request_id', true), ''),
    was,
    becomes,
    pg_current_xact_id(),
    current_change(),
    is_shown(TG_ARGV[0]::revised_entity, old_row) OR is_news,
    is_shown(TG_ARGV[0]::revised_entity, new_row)
  )
  ON CONFLICT (entity, entity_id, version) DO UPDATE SET
    before = changed_values(excluded.before || r.before, r.after || excluded.after),
    after = changed_values(r.after || excluded.after, excluded.before || r.before),
    operation = CASE
      WHEN r.operation IN ('created', 'deleted', 'restored') THEN r.operation
      ELSE excluded.operation
    END,
    was_shown = r.was_shown OR is_news,
    is_shown = excluded.is_shown;
  RETURN NULL;
END
$$;

-- Which migration this one follows. Kept by "npx prisma migrate dev"; let it stay the last statement.
INSERT INTO migration_lineage (name, parent) VALUES ('20261126191000_canceled_sessions', '20261126190100_text_formats');
