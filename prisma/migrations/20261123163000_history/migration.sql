-- History: every committed change of a row is a revision, written by triggers in the same transaction.

-- The speaker list becomes a value of the session, so that its history can be read like any other value's. It
-- replaces the counter of its changes.
ALTER TABLE "sessions" DROP COLUMN "speakers_version",
ADD COLUMN     "speaker_ids" UUID[] DEFAULT ARRAY[]::UUID[];

-- A backfill that is no change: without the pause, every session would get a new stamp and version.
ALTER TABLE sessions DISABLE TRIGGER stamp_row;
UPDATE sessions s SET speaker_ids = l.ids
FROM (
  SELECT session_id, array_agg(speaker_id ORDER BY position, speaker_id) AS ids
  FROM session_speakers GROUP BY session_id
) l
WHERE s.id = l.session_id;
ALTER TABLE sessions ENABLE TRIGGER stamp_row;

-- Only the links write the list: what any other statement says about it is overwritten. (A statement's own trigger
-- runs at depth 1; the one that the links' trigger causes, at depth 2.) Its name puts it before stamp_row.
CREATE FUNCTION keep_speaker_ids() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    NEW.speaker_ids := '{}';
  ELSIF pg_trigger_depth() = 1 THEN
    NEW.speaker_ids := OLD.speaker_ids;
  END IF;
  RETURN NEW;
END
$$;

CREATE TRIGGER keep_speaker_ids BEFORE INSERT OR UPDATE ON sessions
  FOR EACH ROW EXECUTE FUNCTION keep_speaker_ids();

DROP TRIGGER count_speaker_list_change ON session_speakers;
DROP FUNCTION count_speaker_list_change();

-- Copies the lists of all sessions whose links a statement changed. The sessions are locked first: the copy is then
-- made from a snapshot that holds what a concurrent transaction did to the same list.
CREATE FUNCTION copy_speaker_lists() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  touched uuid[];
BEGIN
  IF TG_OP = 'UPDATE' THEN
    touched := ARRAY(SELECT session_id FROM changed UNION SELECT session_id FROM replaced);
  ELSE
    touched := ARRAY(SELECT DISTINCT session_id FROM changed);
  END IF;
  PERFORM FROM sessions WHERE id = ANY (touched) ORDER BY id FOR NO KEY UPDATE;
  UPDATE sessions s SET speaker_ids = l.ids
  FROM (
    SELECT t.id, coalesce(array_agg(k.speaker_id ORDER BY k.position, k.speaker_id)
                          FILTER (WHERE k.speaker_id IS NOT NULL), '{}') AS ids
    FROM unnest(touched) AS t(id) LEFT JOIN session_speakers k ON k.session_id = t.id
    GROUP BY t.id
  ) l
  WHERE s.id = l.id AND s.speaker_ids IS DISTINCT FROM l.ids;
  RETURN NULL;
END
$$;

CREATE TRIGGER copy_speaker_lists_inserted AFTER INSERT ON session_speakers
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION copy_speaker_lists();
CREATE TRIGGER copy_speaker_lists_updated AFTER UPDATE ON session_speakers
  REFERENCING NEW TABLE AS changed OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION copy_speaker_lists();
CREATE TRIGGER copy_speaker_lists_deleted AFTER DELETE ON session_speakers
  REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION copy_speaker_lists();

-- CreateEnum
CREATE TYPE "revised_entity" AS ENUM ('event', 'track', 'room', 'session_type', 'speaker', 'session');

-- CreateEnum
CREATE TYPE "revision_operation" AS ENUM ('created', 'updated', 'deleted', 'restored');

-- CreateTable
CREATE TABLE "revisions" (
    "entity" "revised_entity" NOT NULL,
    "entity_id" UUID NOT NULL,
    "event_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "recorded_at" TIMESTAMPTZ NOT NULL,
    "operation" "revision_operation" NOT NULL,
    "actor" TEXT,
    "request_id" TEXT,
    "before" JSONB NOT NULL,
    "after" JSONB NOT NULL,
    "recorded_in" xid8 NOT NULL,

    CONSTRAINT "revisions_pkey" PRIMARY KEY ("entity","entity_id","version")
);

-- CreateIndex
CREATE INDEX "revisions_event_id_recorded_at_idx" ON "revisions"("event_id", "recorded_at");

-- What of a row is a value: not its identity, and not the stamps, which the revision has itself.
CREATE FUNCTION revised_values(row_as_json jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT row_as_json - '{id,event_id,created_at,last_modified_at,version,modified_in}'::text[]
$$;

-- What is there of `one` and different in `other`.
CREATE FUNCTION changed_values(one jsonb, other jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each(one)
  WHERE value IS DISTINCT FROM other -> key
$$;

-- Rows that are older than the history begin it with what they are now.
DO $$
DECLARE
  entity text;
BEGIN
  PERFORM set_config('TimeZone', 'UTC', true);
  FOREACH entity IN ARRAY '{event,track,room,session_type,speaker,session}'::text[] LOOP
    EXECUTE format(
      'INSERT INTO revisions (entity, entity_id, event_id, version, recorded_at, operation, before, after, recorded_in)
       SELECT %L, id, coalesce(to_jsonb(t) ->> ''event_id'', id::text)::uuid, version, last_modified_at,
              (CASE version WHEN 1 THEN ''created'' ELSE ''updated'' END)::revision_operation,
              ''{}'', jsonb_strip_nulls(revised_values(to_jsonb(t))), pg_current_xact_id()
       FROM %I t', entity, entity || 's');
  END LOOP;
END
$$;

-- One revision a version: what a transaction does to a row in several statements becomes visible together, so it is
-- merged into the one step that stamp_row gave it. Times are written in UTC whatever zone the session is in.
CREATE FUNCTION record_revision() RETURNS trigger LANGUAGE plpgsql
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

  -- A value that was empty, or became so, is null on that side: both sides name the same columns.
  was := (SELECT coalesce(jsonb_object_agg(key, 'null'::jsonb), '{}') FROM jsonb_object_keys(becomes) AS key) || was;
  becomes := (SELECT coalesce(jsonb_object_agg(key, 'null'::jsonb), '{}') FROM jsonb_object_keys(was) AS key) || becomes;

  INSERT INTO revisions AS r
    (entity, entity_id, event_id, version, recorded_at, operation, actor, request_id, before, after, recorded_in)
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
    pg_current_xact_id()
  )
  ON CONFLICT (entity, entity_id, version) DO UPDATE SET
    before = changed_values(excluded.before || r.before, r.after || excluded.after),
    after = changed_values(r.after || excluded.after, excluded.before || r.before),
    operation = CASE
      WHEN r.operation IN ('created', 'deleted', 'restored') THEN r.operation
      ELSE excluded.operation
    END;
  RETURN NULL;
END
$$;

CREATE TRIGGER record_revision AFTER INSERT OR UPDATE OR DELETE ON events
  FOR EACH ROW EXECUTE FUNCTION record_revision('event');
CREATE TRIGGER record_revision AFTER INSERT OR UPDATE OR DELETE ON tracks
  FOR EACH ROW EXECUTE FUNCTION record_revision('track');
CREATE TRIGGER record_revision AFTER INSERT OR UPDATE OR DELETE ON rooms
  FOR EACH ROW EXECUTE FUNCTION record_revision('room');
CREATE TRIGGER record_revision AFTER INSERT OR UPDATE OR DELETE ON session_types
  FOR EACH ROW EXECUTE FUNCTION record_revision('session_type');
CREATE TRIGGER record_revision AFTER INSERT OR UPDATE OR DELETE ON speakers
  FOR EACH ROW EXECUTE FUNCTION record_revision('speaker');
CREATE TRIGGER record_revision AFTER INSERT OR UPDATE OR DELETE ON sessions
  FOR EACH ROW EXECUTE FUNCTION record_revision('session');

-- Nobody rewrites history by accident. The retention command and the erasure of a person say that they mean it.
CREATE FUNCTION guard_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF current_setting('open_event.history_maintenance', true) = 'on' THEN
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
  END IF;
  IF TG_OP IN ('INSERT', 'UPDATE') AND pg_trigger_depth() > 1 THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'The history is written by its triggers only'
    USING ERRCODE = 'restrict_violation', HINT = 'Old revisions are deleted by: npm run history -- prune';
END
$$;

CREATE TRIGGER guard_history BEFORE INSERT OR UPDATE OR DELETE ON revisions
  FOR EACH ROW EXECUTE FUNCTION guard_history();
CREATE TRIGGER guard_history_from_truncate BEFORE TRUNCATE ON revisions
  FOR EACH STATEMENT EXECUTE FUNCTION guard_history();
