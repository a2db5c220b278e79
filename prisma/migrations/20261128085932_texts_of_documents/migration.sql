-- The words of a row's longer texts are kept apart, so that a new title or subtitle costs a tenth of a new abstract.

-- AlterTable
ALTER TABLE "search_documents" ADD COLUMN     "texts" tsvector;

-- What the words of a row begin with, by the kind of row. All events are searched at once, so their words have one key.
CREATE FUNCTION search_key_of(entity text, of_row jsonb) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE entity WHEN 'event' THEN 'event' ELSE search_key((of_row ->> 'event_id')::uuid, left(entity, 2)) END
$$;

-- The words of the longer texts of a row.
CREATE FUNCTION search_texts(entity text, of_row jsonb) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$
DECLARE
  of_format text_format := coalesce(of_row ->> 'text_format', 'plain');
  in_language text := search_language(of_row ->> 'language');
  key text := search_key_of(entity, of_row);
  third text := search_plain(of_row ->> 'abstract', of_format);
  fourth text := search_plain(coalesce(of_row ->> 'biography', of_row ->> 'description'), of_format);
BEGIN
  RETURN search_apart(
    setweight(search_words(key, in_language, third, false), 'C'), setweight(search_words(key, in_language, fourth, false), 'D'));
END
$$;

-- All words that a row is found by. @param texts those of its longer texts
CREATE FUNCTION search_document(entity text, of_row jsonb, texts tsvector) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE SET search_path FROM CURRENT AS $$
DECLARE
  in_language text := search_language(of_row ->> 'language');
  key text := search_key_of(entity, of_row);
  heading text := coalesce(of_row ->> 'title', of_row ->> 'name');
  second text := coalesce(of_row ->> 'subtitle', of_row ->> 'organisation');
  words tsvector := search_apart(
    search_apart(
      setweight(search_words(key, in_language, heading, true), 'A'), setweight(search_words(key, in_language, second, true), 'B')),
    texts);
BEGIN
  IF entity = 'event' THEN
    RETURN words;
  END IF;
  -- Headings alone: what one letter finds; and by the names of the others, sessions are found too.
  key := search_key((of_row ->> 'event_id')::uuid, CASE entity WHEN 'session' THEN 'ti' ELSE 'na' END);
  RETURN words || search_words(key, in_language, heading, true);
END
$$;

CREATE OR REPLACE FUNCTION write_search_document(entity text, of_row jsonb, if_missing boolean DEFAULT false) RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  found_texts tsvector := search_texts(entity, of_row);
BEGIN
  INSERT INTO search_documents (id, event_id, language, texts, words)
  VALUES (
    (of_row ->> 'id')::uuid, coalesce(of_row ->> 'event_id', of_row ->> 'id')::uuid,
    -- An event's own document has no language, because those of an event are the languages of its programme.
    CASE WHEN entity <> 'event' THEN search_language(of_row ->> 'language') END,
    found_texts, search_document(entity, of_row, found_texts))
  ON CONFLICT (id) DO UPDATE
    SET event_id = excluded.event_id, language = excluded.language, texts = excluded.texts, words = excluded.words
    WHERE NOT if_missing;
END
$$;

CREATE OR REPLACE FUNCTION keep_search_document() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  of_texts constant text[] := '{event_id,language,text_format,abstract,description,biography}';
  was jsonb;
  becomes jsonb;
BEGIN
  IF TG_OP = 'DELETE' THEN
    DELETE FROM search_documents WHERE id = OLD.id;
    RETURN NULL;
  END IF;
  becomes := to_jsonb(NEW);
  IF TG_OP = 'UPDATE' THEN
    was := to_jsonb(OLD);
    IF NOT EXISTS (SELECT FROM unnest(of_texts) field WHERE was -> field IS DISTINCT FROM becomes -> field) THEN
      UPDATE search_documents SET words = search_document(TG_ARGV[0], becomes, texts) WHERE id = NEW.id AND texts IS NOT NULL;
      IF FOUND THEN
        RETURN NULL;
      END IF;
    END IF;
  END IF;
  PERFORM write_search_document(TG_ARGV[0], becomes);
  RETURN NULL;
END
$$;

-- Which migration this one follows. Kept by "npx prisma migrate dev"; let it stay the last statement.
INSERT INTO migration_lineage (name, parent) VALUES ('20261128085932_texts_of_documents', '20261127223000_phrases_of_one_text');
