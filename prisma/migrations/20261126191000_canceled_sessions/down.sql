DROP TRIGGER remember_canceled ON sessions;
DROP FUNCTION remember_canceled();
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
    is_shown(TG_ARGV[0]::revised_entity, old_row),
    is_shown(TG_ARGV[0]::revised_entity, new_row)
  )
  ON CONFLICT (entity, entity_id, version) DO UPDATE SET
    before = changed_values(excluded.before || r.before, r.after || excluded.after),
    after = changed_values(r.after || excluded.after, excluded.before || r.before),
    operation = CASE
      WHEN r.operation IN ('created', 'deleted', 'restored') THEN r.operation
      ELSE excluded.operation
    END,
    is_shown = excluded.is_shown;
  RETURN NULL;
END
$$;
DROP TABLE canceled_sessions;
ALTER TABLE events DROP COLUMN shows_canceled;
