-- Documents as they were written before: all of one anew for each change.

CREATE OR REPLACE FUNCTION write_search_document(entity text, of_row jsonb, if_missing boolean DEFAULT false) RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  of_id uuid := of_row ->> 'id';
  of_event uuid := coalesce(of_row ->> 'event_id', of_row ->> 'id');
  of_format text_format := coalesce(of_row ->> 'text_format', 'plain');
  in_language text := search_language(of_row ->> 'language');
  -- All events are searched at once, so their words have one key.
  key text := CASE entity WHEN 'event' THEN 'event' ELSE search_key(of_event, left(entity, 2)) END;
  heading text := coalesce(of_row ->> 'title', of_row ->> 'name');
  second text := coalesce(of_row ->> 'subtitle', of_row ->> 'organisation');
  third text := search_plain(of_row ->> 'abstract', of_format);
  fourth text := search_plain(coalesce(of_row ->> 'biography', of_row ->> 'description'), of_format);
  found_words tsvector :=
    search_apart(
      search_apart(
        setweight(search_words(key, in_language, heading, true), 'A'), setweight(search_words(key, in_language, second, true), 'B')),
      search_apart(
        setweight(search_words(key, in_language, third, false), 'C'), setweight(search_words(key, in_language, fourth, false), 'D')));
BEGIN
  IF entity <> 'event' THEN
    -- Headings alone: what one letter finds; and by the names of the others, sessions are found too.
    found_words := found_words || search_words(search_key(of_event, CASE entity WHEN 'session' THEN 'ti' ELSE 'na' END), in_language, heading, true);
  END IF;
  INSERT INTO search_documents (id, event_id, language, words) VALUES (of_id, of_event, CASE WHEN entity <> 'event' THEN in_language END, found_words)
  ON CONFLICT (id) DO UPDATE SET event_id = excluded.event_id, language = excluded.language, words = excluded.words
    WHERE NOT if_missing;
END
$$;

CREATE OR REPLACE FUNCTION keep_search_document() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    DELETE FROM search_documents WHERE id = OLD.id;
  ELSE
    PERFORM write_search_document(TG_ARGV[0], to_jsonb(NEW));
  END IF;
  RETURN NULL;
END
$$;

DROP FUNCTION search_document(text, jsonb, tsvector);
DROP FUNCTION search_texts(text, jsonb);
DROP FUNCTION search_key_of(text, jsonb);
ALTER TABLE "search_documents" DROP COLUMN "texts";
