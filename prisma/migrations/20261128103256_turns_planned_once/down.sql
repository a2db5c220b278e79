-- The turn as it was: one statement asks whether the public sees the change.
CREATE OR REPLACE FUNCTION take_turns() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT SET lock_timeout TO '10s' AS $$
DECLARE
  is_again boolean := current_setting('open_event.turn_taken', true) IS NOT DISTINCT FROM NEW.change::text;
  sees_all boolean := current_setting('transaction_isolation') = 'read committed';
  touched record;
  shows boolean;
  place bigint;
BEGIN
  PERFORM set_config('open_event.turn', '', true);
  -- What this transaction alone decides is asked before a turn is taken: others wait while it is held.
  FOR touched IN
    SELECT event_id, max(recorded_at) AS recorded_at,
           coalesce(bool_or(was_shown OR is_shown) FILTER (WHERE entity <> 'speaker'), false) AS shows,
           coalesce(bool_or(was_shown) FILTER (WHERE entity = 'event'), false) AS was_published,
           array_agg(entity_id) FILTER (WHERE entity = 'speaker' AND (was_shown OR is_shown)) AS speakers
    FROM revisions WHERE change = NEW.change GROUP BY event_id ORDER BY event_id
  LOOP
    PERFORM pg_advisory_xact_lock(hashtextextended('programme ' || touched.event_id, 0));
    -- Nobody else commits a change of this event now, so this sees all that comes before it. A transaction that sees
    -- nothing younger than itself takes for public what could be.
    shows := touched.shows OR touched.speakers IS NOT NULL;
    IF shows AND sees_all THEN
      shows := (touched.was_published OR EXISTS (
          SELECT FROM events WHERE id = touched.event_id AND state = 'published' AND deleted_at IS NULL
        )) AND (touched.shows OR EXISTS (
          SELECT FROM session_speakers k JOIN sessions s ON s.id = k.session_id
          WHERE k.event_id = touched.event_id AND k.speaker_id = ANY (touched.speakers)
            AND s.deleted_at IS NULL AND s.state IN ('accepted', 'confirmed')
        ));
    END IF;
    place := NULL;
    IF is_again THEN
      UPDATE programme_commits c SET is_public = c.is_public OR shows
      WHERE c.change = NEW.change AND c.event_id = touched.event_id RETURNING seq INTO place;
    END IF;
    IF place IS NULL THEN
      place := nextval('programme_places');
      INSERT INTO programme_commits (event_id, seq, token, change, committed_at, actor, request_id, is_public)
      VALUES (
        touched.event_id, place, gen_random_uuid(), NEW.change,
        -- Later than the one before, so that whoever compares stamps sees a difference; no earlier than what it changed.
        greatest(
          date_trunc('milliseconds', clock_timestamp()),
          touched.recorded_at,
          (SELECT committed_at + interval '1 millisecond' FROM programme_commits
           WHERE event_id = touched.event_id AND sees_all ORDER BY seq DESC LIMIT 1)
        ),
        nullif(current_setting('open_event.actor', true), ''),
        nullif(current_setting('open_event.request_id', true), ''),
        shows
      );
    END IF;
    IF current_setting('open_event.notify', true) = 'on' THEN
      PERFORM pg_notify('programme_commits', touched.event_id::text);
    END IF;
  END LOOP;
  PERFORM set_config('open_event.turn_taken', NEW.change::text, true);
  RETURN NULL;
END
$$;
