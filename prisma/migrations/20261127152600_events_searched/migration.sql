-- Events are found by words, too, as all that is in them is.

-- An event's own document has no language, because those of an event are the languages of its programme.
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
    setweight(search_words(key, in_language, heading, true), 'A') || setweight(search_words(key, in_language, second, true), 'B')
    || setweight(search_words(key, in_language, third, false), 'C') || setweight(search_words(key, in_language, fourth, false), 'D');
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

CREATE TRIGGER keep_search_document AFTER INSERT ON events
  FOR EACH ROW EXECUTE FUNCTION keep_search_document('event');
CREATE TRIGGER keep_search_document_updated AFTER UPDATE ON events FOR EACH ROW
  WHEN ((OLD.name, OLD.description, OLD.text_format) IS DISTINCT FROM (NEW.name, NEW.description, NEW.text_format))
  EXECUTE FUNCTION keep_search_document('event');

SELECT count(write_search_document('event', to_jsonb(e), true)) FROM events e;

-- Which migration this one follows. Kept by "npx prisma migrate dev"; let it stay the last statement.
INSERT INTO migration_lineage (name, parent) VALUES ('20261127152600_events_searched', '20261126232000_favorites');
