-- When a day of an event begins, and when and where each session is, on which day, and until when as far as that is known.

-- AlterTable
-- migration: allow check-validates because a server has some thousands of events, and all of them get the default
ALTER TABLE "events" ADD COLUMN     "day_starts_at" TEXT NOT NULL DEFAULT '00:00'
  CONSTRAINT day_starts_in_the_morning CHECK (day_starts_at ~ '^(0[0-9]|1[01]):[0-5][0-9]$|^12:00$');

-- CreateTable
CREATE TABLE "slots" (
    "session_id" UUID NOT NULL,
    "event_id" UUID NOT NULL,
    "room_id" UUID,
    "starts_at" TIMESTAMPTZ NOT NULL,
    "ends_at" TIMESTAMPTZ,
    "day" TEXT NOT NULL,

    CONSTRAINT "slots_pkey" PRIMARY KEY ("session_id")
);

-- CreateIndex
CREATE INDEX "slots_event_id_starts_at_idx" ON "slots"("event_id", "starts_at");

-- CreateIndex
CREATE INDEX "slots_event_id_day_idx" ON "slots"("event_id", "day");

-- CreateIndex
CREATE INDEX "slots_room_id_starts_at_idx" ON "slots"("room_id", "starts_at");

-- AddForeignKey
ALTER TABLE "slots" ADD CONSTRAINT "slots_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "sessions"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "slots" ADD CONSTRAINT "slots_event_id_fkey" FOREIGN KEY ("event_id") REFERENCES "events"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "slots" ADD CONSTRAINT "slots_room_id_fkey" FOREIGN KEY ("room_id") REFERENCES "rooms"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- A zone that PostgreSQL's own tables are too old for counts as UTC: no session is refused for that.
CREATE FUNCTION known_zone(zone text) RETURNS text LANGUAGE plpgsql STABLE AS $$
BEGIN
  PERFORM now() AT TIME ZONE zone;
  RETURN zone;
EXCEPTION WHEN invalid_parameter_value THEN
  RETURN 'UTC';
END
$$;

-- The day of an event on which an instant is. A day begins when the clocks of the zone show the time; a time that a clock
-- change doubles or skips means the later instant that it could mean.
CREATE FUNCTION event_day(instant timestamptz, zone text, day_starts_at interval) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT to_char(CASE
    WHEN instant < (shown + day_starts_at) AT TIME ZONE zone THEN shown - interval '1 day'
    WHEN instant >= (shown + interval '1 day' + day_starts_at) AT TIME ZONE zone THEN shown + interval '1 day'
    ELSE shown
  END, 'YYYY-MM-DD')
  FROM (SELECT date_trunc('day', (instant AT TIME ZONE zone) - day_starts_at) AS shown) s
$$;

-- Brings the slots of sessions to what follows from the sessions; what is so already isn't touched. A session without an
-- end is as long as its type says.
CREATE FUNCTION keep_slots(of_sessions uuid[]) RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  DELETE FROM slots k USING sessions s
  WHERE k.session_id = ANY (of_sessions) AND s.id = k.session_id AND s.starts_at IS NULL;

  WITH clocks AS MATERIALIZED (
    SELECT id, known_zone(time_zone) AS zone, day_starts_at::interval AS day_starts_at FROM events
    WHERE id IN (SELECT event_id FROM sessions WHERE id = ANY (of_sessions))
  )
  INSERT INTO slots AS k (session_id, event_id, room_id, starts_at, ends_at, day)
  SELECT s.id, s.event_id, s.room_id, s.starts_at,
         coalesce(s.ends_at, s.starts_at + make_interval(mins => t.duration_minutes)),
         event_day(s.starts_at, c.zone, c.day_starts_at)
  FROM sessions s JOIN clocks c ON c.id = s.event_id
  LEFT JOIN session_types t ON t.id = s.session_type_id AND t.deleted_at IS NULL
  WHERE s.id = ANY (of_sessions) AND s.starts_at IS NOT NULL
  ON CONFLICT (session_id) DO UPDATE SET
    event_id = excluded.event_id, room_id = excluded.room_id, starts_at = excluded.starts_at,
    ends_at = excluded.ends_at, day = excluded.day
    WHERE (k.event_id, k.room_id, k.starts_at, k.ends_at, k.day) IS DISTINCT FROM
          (excluded.event_id, excluded.room_id, excluded.starts_at, excluded.ends_at, excluded.day);
END
$$;

-- Of sessions: all that a statement changed in something that slots follow from. The schedule is held as for bookings, so
-- that zone, start of the day and lengths stay until the slots are visible.
CREATE FUNCTION keep_slots_of_sessions() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  touched uuid[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    touched := ARRAY(SELECT id FROM changed WHERE starts_at IS NOT NULL);
  ELSE
    touched := ARRAY(
      SELECT n.id FROM changed n LEFT JOIN replaced o ON o.id = n.id
      WHERE (n.event_id, n.starts_at, n.ends_at, n.room_id, n.session_type_id)
        IS DISTINCT FROM (o.event_id, o.starts_at, o.ends_at, o.room_id, o.session_type_id)
        AND (n.starts_at IS NOT NULL OR o.starts_at IS NOT NULL)
    );
  END IF;
  IF touched = '{}' THEN
    RETURN NULL;
  END IF;
  PERFORM hold_schedule(e.id)
  FROM (SELECT DISTINCT event_id AS id FROM changed WHERE changed.id = ANY (touched) ORDER BY event_id) e;
  PERFORM keep_slots(touched);
  RETURN NULL;
END
$$;

CREATE TRIGGER keep_slots_inserted AFTER INSERT ON sessions
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION keep_slots_of_sessions();
CREATE TRIGGER keep_slots_updated AFTER UPDATE ON sessions
  REFERENCING NEW TABLE AS changed OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION keep_slots_of_sessions();

CREATE FUNCTION keep_slots_of_session_type() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM hold_schedule_alone(NEW.event_id);
  PERFORM keep_slots(ARRAY(
    SELECT id FROM sessions WHERE session_type_id = NEW.id AND starts_at IS NOT NULL AND ends_at IS NULL
  ));
  RETURN NULL;
END
$$;

CREATE TRIGGER keep_slots AFTER UPDATE ON session_types FOR EACH ROW
  WHEN ((OLD.deleted_at IS NULL, OLD.duration_minutes) IS DISTINCT FROM (NEW.deleted_at IS NULL, NEW.duration_minutes))
  EXECUTE FUNCTION keep_slots_of_session_type();

CREATE FUNCTION keep_slots_of_event() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM hold_schedule_alone(NEW.id);
  PERFORM keep_slots(ARRAY(SELECT id FROM sessions WHERE event_id = NEW.id AND starts_at IS NOT NULL));
  RETURN NULL;
END
$$;

CREATE TRIGGER keep_slots AFTER UPDATE ON events FOR EACH ROW
  WHEN ((OLD.time_zone, OLD.day_starts_at) <> (NEW.time_zone, NEW.day_starts_at))
  EXECUTE FUNCTION keep_slots_of_event();

SELECT keep_slots(ARRAY(SELECT id FROM sessions WHERE starts_at IS NOT NULL));

-- Which migration this one follows. Kept by "npx prisma migrate dev"; let it stay the last statement.
INSERT INTO migration_lineage (name, parent) VALUES ('20261126193000_days_and_slots', '20261126192000_webhooks');
