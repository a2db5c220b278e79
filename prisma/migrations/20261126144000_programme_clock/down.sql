-- Takes the clock off again; the functions are those of the migrations before.
DROP TRIGGER take_turns ON revisions;
DROP FUNCTION take_turns(), is_first_to_wait(bigint);
DROP TABLE programme_commits;

ALTER TABLE revisions DROP COLUMN change, DROP COLUMN was_shown, DROP COLUMN is_shown;

DROP TRIGGER stamp_row ON access_tokens;
ALTER TABLE access_tokens DROP COLUMN changed_in, ADD COLUMN modified_in xid8;
CREATE TRIGGER stamp_row BEFORE INSERT OR UPDATE OF
  id, hash, role, label, event_ids, permissions, user_id, parent_id, expires_at, revoked_at, created_at, last_modified_at,
  version, modified_in ON access_tokens
  FOR EACH ROW EXECUTE FUNCTION stamp_row();
ALTER TABLE breaks DROP COLUMN changed_in, ADD COLUMN modified_in xid8;
ALTER TABLE events DROP COLUMN changed_in, ADD COLUMN modified_in xid8;
ALTER TABLE memberships DROP COLUMN changed_in, ADD COLUMN modified_in xid8;
ALTER TABLE rooms DROP COLUMN changed_in, ADD COLUMN modified_in xid8;
ALTER TABLE session_types DROP COLUMN changed_in, ADD COLUMN modified_in xid8;
ALTER TABLE sessions DROP COLUMN changed_in, ADD COLUMN modified_in xid8;
ALTER TABLE speakers DROP COLUMN changed_in, ADD COLUMN modified_in xid8;
ALTER TABLE tracks DROP COLUMN changed_in, ADD COLUMN modified_in xid8;
ALTER TABLE users DROP COLUMN changed_in, ADD COLUMN modified_in xid8;

CREATE OR REPLACE FUNCTION stamp_row() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  moment timestamptz := date_trunc('milliseconds', clock_timestamp());
  last revisions;
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF TG_NARGS = 1 THEN
      SELECT * INTO last FROM revisions
      WHERE entity = TG_ARGV[0]::revised_entity AND entity_id = NEW.id
      ORDER BY version DESC LIMIT 1;
    END IF;
    NEW.last_modified_at := greatest(moment, last.recorded_at + interval '1 millisecond');
    NEW.created_at := NEW.last_modified_at;
    NEW.version := coalesce(last.version, 0) + 1;
    NEW.modified_in := pg_current_xact_id();
    RETURN NEW;
  END IF;

  NEW.created_at := OLD.created_at;
  NEW.last_modified_at := OLD.last_modified_at;
  NEW.version := OLD.version;
  NEW.modified_in := OLD.modified_in;
  IF NEW *<> OLD AND OLD.modified_in IS DISTINCT FROM pg_current_xact_id() THEN
    NEW.last_modified_at := greatest(moment, OLD.last_modified_at + interval '1 millisecond');
    NEW.version := OLD.version + 1;
    NEW.modified_in := pg_current_xact_id();
  END IF;
  RETURN NEW;
END
$$;

CREATE OR REPLACE FUNCTION revised_values(row_as_json jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT row_as_json - '{id,event_id,created_at,last_modified_at,version,modified_in}'::text[]
$$;

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

DROP FUNCTION is_shown(revised_entity, jsonb), current_change();
DROP SEQUENCE programme_changes, programme_places;
