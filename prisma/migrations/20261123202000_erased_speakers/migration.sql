-- A person who was erased stays erased: whatever a statement says of one, the next import or a person with psql, the row
-- keeps what is left of it. Its name puts the trigger before stamp_row, so that nothing written is nothing changed.
ALTER TABLE "speakers" ADD COLUMN     "erased_at" TIMESTAMPTZ;

CREATE FUNCTION keep_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RETURN OLD;
END
$$;

CREATE TRIGGER keep_erased BEFORE UPDATE ON speakers
  FOR EACH ROW WHEN (OLD.erased_at IS NOT NULL) EXECUTE FUNCTION keep_erased();

-- The values of a speaker without what they tell about a person; the names of the columns, and what was empty, stay.
-- Addresses and the user become null, because a text would be none.
CREATE FUNCTION without_person(row_values jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT coalesce(jsonb_object_agg(key, CASE
    WHEN value = 'null' OR key IN ('source_id', 'deleted_at', 'erased_at') THEN value
    WHEN key IN ('photo_url', 'website_url', 'user_id') THEN 'null'
    ELSE '"(erased)"'
  END), '{}')
  FROM jsonb_each(row_values)
$$;
