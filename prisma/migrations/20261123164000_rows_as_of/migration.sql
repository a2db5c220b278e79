-- What rows were: at an instant, or at a version. The revisions are read forwards: of each value, the latest that was
-- written until then. A row whose history begins later isn't given. Times inside `row_values` are in UTC.
CREATE FUNCTION rows_as_of(
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
    SELECT DISTINCT ON (entity_id) entity_id, event_id, version, recorded_at
    FROM until_then ORDER BY entity_id, version DESC
  )
  SELECT n.entity_id, n.event_id, n.version, n.recorded_at,
         coalesce((SELECT jsonb_object_agg(v.key, v.value) FROM newest_values v WHERE v.entity_id = n.entity_id), '{}')
  FROM newest n
$$;
