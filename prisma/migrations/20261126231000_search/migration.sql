-- What a search finds: of each session, speaker, track and room its words, folded and stemmed, in a table beside them. So
-- neither stamps nor history move when they are made anew.

-- CreateTable
CREATE TABLE "search_documents" (
    "id" UUID NOT NULL,
    "event_id" UUID NOT NULL,
    "language" TEXT,
    "words" tsvector NOT NULL,

    CONSTRAINT "search_documents_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "search_documents_event_id_language_idx" ON "search_documents"("event_id", "language");

-- CreateIndex
CREATE INDEX "search_documents_words_idx" ON "search_documents" USING GIN ("words") WITH (fastupdate = off);

-- AddForeignKey
ALTER TABLE "search_documents" ADD CONSTRAINT "search_documents_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "events"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- A text without its markup, as far as words go. What is shown is made by the server, which knows more of it.
CREATE FUNCTION search_plain(words text, format text_format) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  entity text;
BEGIN
  words := left(words, 20000);
  IF format = 'plain' THEN
    RETURN words;
  END IF;
  IF format = 'markdown' THEN
    words := regexp_replace(words, '\]\([^)\s]*(\s[^)]*)?\)', ' ', 'g');
  END IF;
  IF position('<' IN words) > 0 THEN
    words := regexp_replace(words, '<(script|style)\M.*?(</\1\s*>|$)|<!--.*?(-->|$)', ' ', 'gi');
    -- What marks a part of a word doesn't divide it.
    words := regexp_replace(words, '</?(a|abbr|b|code|del|em|i|ins|mark|s|small|span|strong|sub|sup|u|wbr)(\s[^<>]*)?/?>', '', 'gi');
    words := regexp_replace(words, '</?[a-z][^<>]*>', ' ', 'gi');
  END IF;
  IF position('&' IN words) > 0 THEN
    words := regexp_replace(words, '&([a-z])(uml|acute|grave|circ|tilde|cedil|ring|slash|caron);', '\1', 'gi');
    words := replace(replace(replace(replace(words, '&szlig;', 'ss'), '&shy;', ''), '&AElig;', 'ae'), '&aelig;', 'ae');
    IF words ~ '&#' THEN
      FOR entity IN SELECT DISTINCT m[1] FROM regexp_matches(words, '&#([1-9][0-9]{1,5});', 'g') m LOOP
        words := replace(words, '&#' || entity || ';', CASE
          WHEN entity::integer BETWEEN 55296 AND 57343 THEN ' ' ELSE chr(entity::integer) END);
      END LOOP;
    END IF;
    words := regexp_replace(words, '&#?[a-z0-9]{2,8};', ' ', 'gi');
  END IF;
  RETURN words;
END
$$;

-- Letters without case, accents and forms: 'Łódź' is 'lodz', 'Straße' is 'strasse'. The same in every locale.
CREATE FUNCTION search_folded(words text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF octet_length(words) = length(words) THEN
    RETURN lower(words COLLATE "C");
  END IF;
  words := search_punctuated(words);
  IF octet_length(words) <> length(words) THEN
    -- The accents of European languages, faster.
    words := translate(normalize(words, NFKD), E'øØłŁđĐıÆŒÞẞ\u0301\u0308\u0300\u0302\u0327\u030a\u0303\u030c', 'oollddiæœþß');
  END IF;
  words := replace(replace(replace(words, 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe');
  IF octet_length(words) = length(words) THEN
    RETURN lower(words COLLATE "C");
  END IF;
  words := regexp_replace(words,
    '[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u00ad\u200b-\u200f\u2060\ufe00-\ufe0f\ufeff]',
    '', 'g');
  RETURN replace(translate(lower(normalize(words, NFKC) COLLATE "C"),
    'ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩςАБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЄІЇЙҐЂЈЉЊЋЏ',
    'αβγδεζηθικλμνξοπρστυφχψωσабвгдежзиклмнопрстуфхцчшщъыьэюяєіїйґђјљњћџ'), 'þ', 'th');
END
$$;

-- The signs between words that are written most, as ASCII has them; a soft hyphen is none.
CREATE FUNCTION search_punctuated(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT translate(words, '’‘‐‑„“”‚‹›«»–—−…•·¡¿°§©®™€£×→' || chr(160) || chr(8239) || chr(173) || chr(8203), '''''--                           ')
$$;

-- Folded text with blanks for all signs that PostgreSQL's parser would make one word of what they join, or lose. 'c++' and
-- 'c#' are words. Where words aren't set apart, as in Japanese, each character is one.
CREATE FUNCTION search_spaced(words text) RETURNS text LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
  IF words ~ '[^\u0001-\u007f\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f]' THEN
    words := regexp_replace(words,
      '[\u0080-\u00a9\u00ab-\u00b4\u00b6-\u00b9\u00bb-\u00bf\u00d7\u00f7\u02c2-\u02df\u037e\u0387\u055a-\u055f\u0589\u05be\u05c0\u05c3\u05c6\u05f3\u05f4\u060c\u060d\u061b-\u061f\u066a-\u066d\u06d4\u0964\u0965\u1680\u2000-\u206f\u20a0-\u20cf\u2100-\u25ff\u27c0-\u2bff\u2e00-\u2e7f\u3000-\u3004\u3008-\u3020\u3030\ufd3e\ufd3f\ufe10-\ufe6f\uff00-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]+',
      ' ', 'g');
    words := regexp_replace(words,
      '([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fff\u3005-\u3007\u3021-\u302f\u3031-\ua4cf\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff])',
      ' \1 ', 'g');
  END IF;
  IF position('++' IN words) > 0 OR position('#' IN words) > 0 THEN
    words := regexp_replace(regexp_replace(words, '([a-z0-9])\+\+', '\1plusplus ', 'g'), '([a-z])#', '\1sharp ', 'g');
  END IF;
  RETURN translate(words, '-._/@:+<>&~#=%?''\', '                  ');
END
$$;

-- The language of PostgreSQL's stemmer for a session's language, as its tag ('de-AT'), its code or its name say it; a text
-- of which nothing is said counts as English. Null: there is none.
CREATE FUNCTION search_language(language text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE regexp_replace(lower(btrim(coalesce(language, ''))), '[-_ ,;(].*$', '')
    WHEN '' THEN 'english' WHEN 'en' THEN 'english' WHEN 'eng' THEN 'english' WHEN 'english' THEN 'english'
    WHEN 'de' THEN 'german' WHEN 'deu' THEN 'german' WHEN 'ger' THEN 'german' WHEN 'german' THEN 'german' WHEN 'deutsch' THEN 'german'
    WHEN 'fr' THEN 'french' WHEN 'fra' THEN 'french' WHEN 'fre' THEN 'french' WHEN 'french' THEN 'french' WHEN 'français' THEN 'french'
    WHEN 'es' THEN 'spanish' WHEN 'spa' THEN 'spanish' WHEN 'spanish' THEN 'spanish' WHEN 'español' THEN 'spanish'
    WHEN 'it' THEN 'italian' WHEN 'ita' THEN 'italian' WHEN 'italian' THEN 'italian' WHEN 'italiano' THEN 'italian'
    WHEN 'pt' THEN 'portuguese' WHEN 'por' THEN 'portuguese' WHEN 'portuguese' THEN 'portuguese' WHEN 'português' THEN 'portuguese'
    WHEN 'nl' THEN 'dutch' WHEN 'nld' THEN 'dutch' WHEN 'dut' THEN 'dutch' WHEN 'dutch' THEN 'dutch' WHEN 'nederlands' THEN 'dutch'
    WHEN 'ru' THEN 'russian' WHEN 'rus' THEN 'russian' WHEN 'russian' THEN 'russian'
    WHEN 'ar' THEN 'arabic' WHEN 'ara' THEN 'arabic' WHEN 'ca' THEN 'catalan' WHEN 'cat' THEN 'catalan'
    WHEN 'da' THEN 'danish' WHEN 'dan' THEN 'danish' WHEN 'el' THEN 'greek' WHEN 'ell' THEN 'greek' WHEN 'gre' THEN 'greek'
    WHEN 'eu' THEN 'basque' WHEN 'fi' THEN 'finnish' WHEN 'fin' THEN 'finnish' WHEN 'ga' THEN 'irish'
    WHEN 'hi' THEN 'hindi' WHEN 'hin' THEN 'hindi' WHEN 'hu' THEN 'hungarian' WHEN 'hun' THEN 'hungarian'
    WHEN 'hy' THEN 'armenian' WHEN 'id' THEN 'indonesian' WHEN 'ind' THEN 'indonesian' WHEN 'lt' THEN 'lithuanian'
    WHEN 'ne' THEN 'nepali' WHEN 'no' THEN 'norwegian' WHEN 'nb' THEN 'norwegian' WHEN 'nn' THEN 'norwegian' WHEN 'nor' THEN 'norwegian'
    WHEN 'ro' THEN 'romanian' WHEN 'ron' THEN 'romanian' WHEN 'rum' THEN 'romanian' WHEN 'sr' THEN 'serbian'
    WHEN 'sv' THEN 'swedish' WHEN 'swe' THEN 'swedish' WHEN 'ta' THEN 'tamil' WHEN 'tr' THEN 'turkish' WHEN 'tur' THEN 'turkish'
    WHEN 'yi' THEN 'yiddish'
  END
$$;

-- The words of a tsvector as its text, each behind a key.
CREATE FUNCTION search_keyed(key text, words tsvector) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT replace(' ' || words::text, ' ''', ' ''' || key)
$$;

-- 'ü' as 'ue', as people write who have no other keys.
CREATE FUNCTION search_spelled(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(words,
    'ä', 'ae'), 'ö', 'oe'), 'ü', 'ue'), 'å', 'aa'), 'ø', 'oe'), 'Ä', 'ae'), 'Ö', 'oe'), 'Ü', 'ue'), 'Å', 'aa'), 'Ø', 'oe')
$$;

-- The words of a text as they are found, each behind the key: as they are folded, also with 'ue' for 'ü'; behind '~' as
-- the language stems them; and behind all of these the words that are written as one ('node.js' as 'nodejs') and, in a
-- heading, the ends of long words of languages that write compounds as one.
CREATE FUNCTION search_words(key text, language text, words text, is_heading boolean) RETURNS tsvector
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
  joined := (SELECT string_agg(translate(m[1], '-._''', ''), ' ') FROM regexp_matches(folded, '([a-z0-9]+(?:[-._''][a-z0-9]+)+)', 'g') m);
  IF is_heading AND language IN ('german', 'dutch', 'swedish', 'danish', 'norwegian', 'finnish', 'hungarian') THEN
    joined := concat_ws(' ', joined, (
      SELECT string_agg(substr(word, nr), ' ') FROM unnest(string_to_array(spaced, ' ')) word, generate_series(4, length(word) - 3) nr
      WHERE length(word) BETWEEN 9 AND 60));
  END IF;
  IF joined IS NULL THEN
    RETURN found::tsvector;
  END IF;
  RETURN found::tsvector || search_keyed(key || ':', to_tsvector('pg_catalog.simple', joined))::tsvector;
END
$$;

-- What the words of an event's rows begin with, by the kind of row: so a search reads nothing of other events, however
-- common the word. ('se' sessions, 'ti' their titles, 'sp' speakers, 'tr' tracks, 'ro' rooms, 'na' names of the last three.)
CREATE FUNCTION search_key(event_id uuid, kind text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT right(event_id::text, 8) || kind
$$;

-- The words of a piece of a text that is searched for.
CREATE FUNCTION search_split(words text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT array_remove(regexp_split_to_array(search_spaced(words), '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u007f]+'), '')
$$;

-- What asks for pieces of a text, piece by piece, with K for the key: 'node.js' means words that follow each other, or are
-- written as one. Of each word all forms that a language gives it, unless the piece is exact; of the last one, also what
-- begins so. Words that say nothing are left out if others say something.
CREATE FUNCTION search_terms(pieces text[], is_exact boolean[], languages text[]) RETURNS text[]
LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
  terms text[] := '{}';
  of_stops text[] := '{}';
  piece text;
  folded text;
  plain text[];
  spelled text[];
  written text[];
  stems text[];
  forms text[];
  phrase text[];
  ending text;
  language text;
  is_stop boolean;
BEGIN
  FOR nr IN 1 .. cardinality(pieces) LOOP
    piece := pieces[nr];
    folded := search_folded(piece);
    plain := search_split(folded);
    CONTINUE WHEN plain = '{}';
    spelled := search_split(search_folded(search_spelled(piece)));
    written := search_split(lower(normalize(search_punctuated(piece), NFKC)));
    phrase := '{}';
    is_stop := false;
    FOR place IN 1 .. cardinality(plain) LOOP
      ending := CASE WHEN nr = cardinality(pieces) AND place = cardinality(plain) AND NOT is_exact[nr] THEN ''':*' ELSE '''' END;
      SELECT array_agg(DISTINCT '''K:' || word || ending) INTO forms FROM unnest(ARRAY[plain[place], spelled[place]]) word;
      IF NOT is_exact[nr] THEN
        FOREACH language IN ARRAY languages LOOP
          stems := tsvector_to_array(to_tsvector(('pg_catalog.' || language)::regconfig, coalesce(written[place], plain[place])));
          is_stop := is_stop OR (stems = '{}' AND cardinality(plain) = 1);
          IF stems <> '{}' AND search_folded(stems[1]) <> '' THEN
            forms := forms || ('''K~' || language || ':' || search_folded(stems[1]) || '''');
          END IF;
        END LOOP;
      END IF;
      phrase := phrase || ('(' || array_to_string(forms, ' | ') || ')');
    END LOOP;
    piece := array_to_string(phrase, ' <-> ');
    IF folded ~ '^[^a-z0-9]*[a-z0-9]+([-._''][a-z0-9]+)+[^a-z0-9]*$' THEN
      piece := '(' || piece || ') | ''K:' || array_to_string(plain, '') || ending;
    END IF;
    IF is_stop THEN
      of_stops := of_stops || piece;
    ELSE
      terms := terms || piece;
    END IF;
  END LOOP;
  RETURN CASE WHEN terms = '{}' THEN of_stops ELSE terms END;
END
$$;

-- The languages of an event's texts, each looked up in the index.
CREATE FUNCTION search_languages(of_event uuid) RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH RECURSIVE found (language) AS (
    SELECT min(language) FROM search_documents WHERE event_id = of_event
    UNION ALL
    SELECT (SELECT min(d.language) FROM search_documents d WHERE d.event_id = of_event AND d.language > found.language)
    FROM found WHERE found.language IS NOT NULL
  )
  SELECT ARRAY(SELECT language FROM found WHERE language IS NOT NULL)
$$;

-- The terms as a query of rows of one kind. @param operator '&' for all of them, '|' for any. Null if there are none.
CREATE FUNCTION search_query(terms text[], key text, operator text) RETURNS tsquery LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT nullif(replace('(' || array_to_string(terms, ') ' || operator || ' (') || ')', '''K', '''' || key), '()')::tsquery
$$;

-- Writes what a row is found by; only if nothing is written yet if that is asked. A row that is deleted softly keeps it: whether the viewer sees the row, each search asks.
CREATE FUNCTION write_search_document(entity text, of_row jsonb, if_missing boolean DEFAULT false) RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
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

CREATE FUNCTION keep_search_document() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    DELETE FROM search_documents WHERE id = OLD.id;
  ELSE
    PERFORM write_search_document(TG_ARGV[0], to_jsonb(NEW));
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER keep_search_document AFTER INSERT OR DELETE ON sessions
  FOR EACH ROW EXECUTE FUNCTION keep_search_document('session');
CREATE TRIGGER keep_search_document AFTER INSERT OR DELETE ON speakers
  FOR EACH ROW EXECUTE FUNCTION keep_search_document('speaker');
CREATE TRIGGER keep_search_document AFTER INSERT OR DELETE ON tracks
  FOR EACH ROW EXECUTE FUNCTION keep_search_document('track');
CREATE TRIGGER keep_search_document AFTER INSERT OR DELETE ON rooms
  FOR EACH ROW EXECUTE FUNCTION keep_search_document('room');
CREATE TRIGGER keep_search_document_updated AFTER UPDATE ON sessions FOR EACH ROW
  WHEN ((OLD.event_id, OLD.title, OLD.subtitle, OLD.abstract, OLD.description, OLD.text_format, OLD.language) IS DISTINCT FROM
        (NEW.event_id, NEW.title, NEW.subtitle, NEW.abstract, NEW.description, NEW.text_format, NEW.language))
  EXECUTE FUNCTION keep_search_document('session');
CREATE TRIGGER keep_search_document_updated AFTER UPDATE ON speakers FOR EACH ROW
  WHEN ((OLD.event_id, OLD.name, OLD.organisation, OLD.biography, OLD.text_format) IS DISTINCT FROM
        (NEW.event_id, NEW.name, NEW.organisation, NEW.biography, NEW.text_format))
  EXECUTE FUNCTION keep_search_document('speaker');
CREATE TRIGGER keep_search_document_updated AFTER UPDATE ON tracks FOR EACH ROW
  WHEN ((OLD.event_id, OLD.name, OLD.description) IS DISTINCT FROM (NEW.event_id, NEW.name, NEW.description))
  EXECUTE FUNCTION keep_search_document('track');
CREATE TRIGGER keep_search_document_updated AFTER UPDATE ON rooms FOR EACH ROW
  WHEN ((OLD.event_id, OLD.name) IS DISTINCT FROM (NEW.event_id, NEW.name))
  EXECUTE FUNCTION keep_search_document('room');

-- Which migration this one follows. Kept by "npx prisma migrate dev"; let it stay the last statement.
INSERT INTO migration_lineage (name, parent) VALUES ('20261126231000_search', '20261126230000_imported_rows');
