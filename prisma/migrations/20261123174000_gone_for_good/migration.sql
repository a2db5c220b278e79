-- A row that is deleted for good, by hand, keeps its history. One that comes back under the same id goes on with it:
-- its versions and stamps follow those of its former life. The trigger's argument names its kind in the history; a
-- table without one has no history.
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

DROP TRIGGER stamp_row ON events;
CREATE TRIGGER stamp_row BEFORE INSERT OR UPDATE ON events
  FOR EACH ROW EXECUTE FUNCTION stamp_row('event');
DROP TRIGGER stamp_row ON tracks;
CREATE TRIGGER stamp_row BEFORE INSERT OR UPDATE ON tracks
  FOR EACH ROW EXECUTE FUNCTION stamp_row('track');
DROP TRIGGER stamp_row ON rooms;
CREATE TRIGGER stamp_row BEFORE INSERT OR UPDATE ON rooms
  FOR EACH ROW EXECUTE FUNCTION stamp_row('room');
DROP TRIGGER stamp_row ON session_types;
CREATE TRIGGER stamp_row BEFORE INSERT OR UPDATE ON session_types
  FOR EACH ROW EXECUTE FUNCTION stamp_row('session_type');
DROP TRIGGER stamp_row ON speakers;
CREATE TRIGGER stamp_row BEFORE INSERT OR UPDATE ON speakers
  FOR EACH ROW EXECUTE FUNCTION stamp_row('speaker');
DROP TRIGGER stamp_row ON sessions;
CREATE TRIGGER stamp_row BEFORE INSERT OR UPDATE ON sessions
  FOR EACH ROW EXECUTE FUNCTION stamp_row('session');

-- As before, but a row that was gone for good at the moment isn't given: its last revision is a deletion that no
-- `deleted_at` remembers.
CREATE OR REPLACE FUNCTION rows_as_of(
  which revised_entity,
  ids uuid[],
  moment timestamptz DEFAULT 'infinity',
  last_version integer DEFAULT 2147483647
) RETURNS TABLE (id uuid, event_id uuid, version integer, last_modified_at timestamptz, row_values jsonb)
LANGUAGE sql STABLE SET search_path FROM CURRENT AS $$
  WITH until_then AS (
    SELECT * FROM revisions
    WHERE entity = which AND entity_id = ANY (ids) AND recorded_at <= moment AND version <= last_version
  ),
  newest_values AS (
    SELECT DISTINCT ON (entity_id, key) entity_id, key, value
    FROM until_then, jsonb_each(after)
    ORDER BY entity_id, key, version DESC
  ),
  newest AS (
    SELECT DISTINCT ON (entity_id) *
    FROM until_then ORDER BY entity_id, version DESC
  )
  SELECT n.entity_id, n.event_id, n.version, n.recorded_at,
         coalesce((SELECT jsonb_object_agg(v.key, v.value) FROM newest_values v WHERE v.entity_id = n.entity_id), '{}')
  FROM newest n
  WHERE n.operation <> 'deleted' OR n.after -> 'deleted_at' <> 'null'
$$;
