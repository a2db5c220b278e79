CREATE OR REPLACE FUNCTION without_person(row_values jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(jsonb_object_agg(key, CASE
    WHEN value = 'null' OR key IN ('source_id', 'deleted_at', 'erased_at') THEN value
    WHEN key IN ('available_from', 'available_until') THEN '[]'
    WHEN key IN ('photo_url', 'website_url', 'user_id') THEN 'null'
    ELSE '"(erased)"'
  END), '{}')
  FROM jsonb_each(row_values)
$$;
ALTER TABLE speakers DROP COLUMN links;
ALTER TABLE sessions DROP COLUMN links, DROP COLUMN image_url;
ALTER TABLE events DROP COLUMN links, DROP COLUMN venue, DROP COLUMN logo_url, DROP COLUMN website_url;
