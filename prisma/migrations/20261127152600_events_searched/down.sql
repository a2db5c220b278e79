DROP TRIGGER keep_search_document ON events;
DROP TRIGGER keep_search_document_updated ON events;
DELETE FROM search_documents WHERE id = event_id;

CREATE OR REPLACE FUNCTION write_search_document(entity text, of_row jsonb, if_missing boolean DEFAULT false) RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  of_id uuid := of_row ->> 'id';
  of_event uuid := of_row ->> 'event_id';
  of_format text_format := coalesce(of_row ->> 'text_format', 'plain');
  in_language text := search_language(of_row ->> 'language');
  key text := search_key(of_event, left(entity, 2));
  heading text := coalesce(of_row ->> 'title', of_row ->> 'name');
  second text := coalesce(of_row ->> 'subtitle', of_row ->> 'organisation');
  third text := search_plain(of_row ->> 'abstract', of_format);
  fourth text := search_plain(coalesce(of_row ->> 'biography', of_row ->> 'description'), of_format);
  found_words tsvector :=
    setweight(search_words(key, in_language, heading, true), 'A') || setweight(search_words(key, in_language, second, true), 'B')
    || setweight(search_words(key, in_language, third, false), 'C') || setweight(search_words(key, in_language, fourth, false), 'D');
BEGIN
  -- Headings alone: what one letter finds; and by the names of the others, sessions are found too.
  found_words := found_words || search_words(search_key(of_event, CASE entity WHEN 'session' THEN 'ti' ELSE 'na' END), in_language, heading, true);
  INSERT INTO search_documents (id, event_id, language, words) VALUES (of_id, of_event, in_language, found_words)
  ON CONFLICT (id) DO UPDATE SET event_id = excluded.event_id, language = excluded.language, words = excluded.words
    WHERE NOT if_missing;
END
$$;
