-- A phrase is found within one text, never across the end of a title and the beginning of its abstract.

-- The words of both, with a place between them that no word has: so none of the second follows one of the first.
CREATE FUNCTION search_apart(first tsvector, second tsvector) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT ts_delete(first || '.:1'::tsvector || second, '.')
$$;

CREATE OR REPLACE FUNCTION search_words(key text, language text, words text, is_heading boolean) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
  is_ascii boolean := octet_length(words) = length(words);
  folded text := search_folded(words);
  spaced text := search_spaced(folded);
  found text;
  joined text;
BEGIN
  IF coalesce(words, '') = '' THEN
    RETURN '';
  END IF;
  found := search_keyed(key || ':', to_tsvector('pg_catalog.simple', spaced));
  IF NOT is_ascii AND search_spelled(words) <> words THEN
    found := found || search_keyed(key || ':', to_tsvector('pg_catalog.simple', search_spaced(search_folded(search_spelled(words)))));
  END IF;
  IF language IS NOT NULL THEN
    found := found || search_keyed(key || '~' || language || ':', CASE
      WHEN is_ascii THEN to_tsvector(('pg_catalog.' || language)::regconfig, spaced)
      -- A stemmer knows accents. What is folded to nothing is no word.
      ELSE regexp_replace(search_folded(to_tsvector(('pg_catalog.' || language)::regconfig,
        search_spaced(lower(normalize(search_punctuated(words), NFKC))))::text), '''''(:[0-9,]+)?', '', 'g')::tsvector
    END);
  END IF;
  joined := (SELECT string_agg(translate(m[1], '-._''', ''), ' x ') FROM regexp_matches(folded, '([a-z0-9]+(?:[-._''][a-z0-9]+)+)', 'g') m);
  IF is_heading AND language IN ('german', 'dutch', 'swedish', 'danish', 'norwegian', 'finnish', 'hungarian') THEN
    joined := concat_ws(' x ', joined, (
      SELECT string_agg(substr(word, nr), ' x ') FROM unnest(string_to_array(spaced, ' ')) word, generate_series(4, length(word) - 3) nr
      WHERE length(word) BETWEEN 9 AND 60));
  END IF;
  IF joined IS NULL THEN
    RETURN found::tsvector;
  END IF;
  -- None of these follows another. 'x' keeps them apart, because none is as short.
  RETURN search_apart(found::tsvector, search_keyed(key || ':', ts_delete(to_tsvector('pg_catalog.simple', joined), 'x'))::tsvector);
END
$$;

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

-- All documents anew. Who writes one meanwhile waits, and then writes what is newer.
-- migration: allow whole-table-locked because searches and all other reads go on
LOCK TABLE search_documents IN SHARE ROW EXCLUSIVE MODE;
SELECT count(write_search_document('session', to_jsonb(s))) FROM sessions s;
SELECT count(write_search_document('speaker', to_jsonb(s))) FROM speakers s;
SELECT count(write_search_document('track', to_jsonb(s))) FROM tracks s;
SELECT count(write_search_document('room', to_jsonb(s))) FROM rooms s;
SELECT count(write_search_document('event', to_jsonb(e))) FROM events e;

-- Which migration this one follows. Kept by "npx prisma migrate dev"; let it stay the last statement.
INSERT INTO migration_lineage (name, parent) VALUES ('20261127223000_phrases_of_one_text', '20261127152600_events_searched');
