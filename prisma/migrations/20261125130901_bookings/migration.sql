-- When rooms and speakers are taken, kept by triggers from the sessions that have a place in the schedule; and what a
-- double booking is: something to be warned of, or, where the event asks for it, impossible.

-- CreateEnum
CREATE TYPE "conflict_policy" AS ENUM ('warn', 'refuse');

-- CreateEnum
CREATE TYPE "resource_kind" AS ENUM ('room', 'speaker');

-- AlterTable
ALTER TABLE "events" ADD COLUMN     "conflict_policy" "conflict_policy" NOT NULL DEFAULT 'warn';

-- CreateTable
CREATE TABLE "bookings" (
    "session_id" UUID NOT NULL,
    "kind" "resource_kind" NOT NULL,
    "resource_id" UUID NOT NULL,
    "during" tstzrange NOT NULL,
    "is_exclusive" BOOLEAN NOT NULL,

    CONSTRAINT "bookings_pkey" PRIMARY KEY ("session_id","kind","resource_id")
);

-- AddForeignKey
ALTER TABLE "bookings" ADD CONSTRAINT "bookings_session_id_fkey" FOREIGN KEY ("session_id") REFERENCES "sessions"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- A range of one number is how a GiST index finds an id without btree_gist, an extension that takes rights on the whole
-- database. The number is PostgreSQL's own 64-bit hash of the id. (Of 180,000 bookings one was found in a sixth of the
-- time that a range type of uuid took, which can't say how far apart two are, and in half of that of an inet.)
CREATE FUNCTION resource_range(id uuid) RETURNS int8range LANGUAGE sql IMMUTABLE AS $$
  SELECT int8range(uuid_hash_extended(id, 0), uuid_hash_extended(id, 0), '[]')
$$;

-- Finds who else has a room or a speaker at a time.
CREATE INDEX bookings_resource_during ON bookings USING gist (resource_range(resource_id), during);

-- No two exclusive bookings of a room or a speaker overlap. Looked at when the transaction commits, so that two sessions
-- can change places in two steps.
ALTER TABLE bookings ADD CONSTRAINT bookings_exclusive
  EXCLUDE USING gist (resource_range(resource_id) WITH =, during WITH &&) WHERE (is_exclusive)
  DEFERRABLE INITIALLY DEFERRED;

-- Which sessions have a place in the schedule, and when: those that may still be held and have a start. One without an
-- end is as long as its type says; where that says nothing either, all that is known to be taken is its first moment.
CREATE FUNCTION placed_sessions() RETURNS TABLE (
  id uuid, event_id uuid, room_id uuid, speaker_ids uuid[], during tstzrange, type_minutes integer
) LANGUAGE sql STABLE AS $$
  SELECT s.id, s.event_id, s.room_id, s.speaker_ids,
         CASE
           WHEN s.ends_at IS NOT NULL THEN tstzrange(s.starts_at, s.ends_at)
           WHEN t.duration_minutes IS NOT NULL
             THEN tstzrange(s.starts_at, s.starts_at + make_interval(mins => t.duration_minutes))
           ELSE tstzrange(s.starts_at, s.starts_at, '[]')
         END,
         t.duration_minutes
  FROM sessions s LEFT JOIN session_types t ON t.id = s.session_type_id AND t.deleted_at IS NULL
  WHERE s.starts_at IS NOT NULL AND s.deleted_at IS NULL
    AND s.state IN ('draft', 'pending', 'accepted', 'confirmed')
$$;

-- Who writes bookings of an event holds its schedule until the transaction ends. It is held before sessions are locked,
-- and after the event; for statements from outside of the API the triggers hold it when they have to.
-- * So that bookings follow from what is true when they become visible: what they follow from besides the sessions (the
--   policy, the types' durations, whether a room or a speaker is deleted) is changed by one who holds it alone.
-- * So that where double bookings are refused one writes after the other: two who insert overlapping rows at the same
--   time would wait for each other at the constraint until one is ended as a deadlock.
CREATE FUNCTION hold_schedule(of_event uuid) RETURNS conflict_policy LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  policy conflict_policy;
BEGIN
  PERFORM pg_advisory_xact_lock_shared(hashtextextended('schedule ' || of_event, 0));
  SELECT conflict_policy INTO policy FROM events WHERE id = of_event;
  IF policy = 'refuse' THEN
    PERFORM pg_advisory_xact_lock(hashtextextended('bookings ' || of_event, 0));
  END IF;
  RETURN policy;
END
$$;

CREATE FUNCTION hold_schedule_alone(of_event uuid) RETURNS void LANGUAGE sql AS $$
  SELECT pg_advisory_xact_lock(hashtextextended('schedule ' || of_event, 0))
$$;

-- Brings the bookings of sessions to what follows from the sessions; what is so already isn't touched.
CREATE FUNCTION keep_bookings(of_sessions uuid[]) RETURNS void LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  WITH wanted AS MATERIALIZED (
    SELECT p.id AS session_id, k.kind, k.resource_id, p.during, e.conflict_policy = 'refuse' AS is_exclusive
    FROM placed_sessions() p JOIN events e ON e.id = p.event_id
    CROSS JOIN LATERAL (
      SELECT 'room'::resource_kind AS kind, r.id AS resource_id
      FROM rooms r WHERE r.id = p.room_id AND r.deleted_at IS NULL
      UNION ALL
      SELECT 'speaker', s.id FROM speakers s WHERE s.id = ANY (p.speaker_ids) AND s.deleted_at IS NULL
    ) k
    WHERE p.id = ANY (of_sessions)
  ),
  gone AS (
    DELETE FROM bookings b WHERE b.session_id = ANY (of_sessions) AND NOT EXISTS (
      SELECT FROM wanted w
      WHERE w.session_id = b.session_id AND w.kind = b.kind AND w.resource_id = b.resource_id
    )
  )
  INSERT INTO bookings AS b (session_id, kind, resource_id, during, is_exclusive)
  SELECT session_id, kind, resource_id, during, is_exclusive FROM wanted
  ON CONFLICT (session_id, kind, resource_id) DO UPDATE
    SET during = excluded.during, is_exclusive = excluded.is_exclusive
    WHERE (b.during, b.is_exclusive) <> (excluded.during, excluded.is_exclusive);
END
$$;

-- Of sessions: all that a statement changed in something that bookings follow from. Who speaks in a session is a value
-- of the session, so that a changed list comes by here too; one that is gone for good takes its bookings along.
CREATE FUNCTION keep_bookings_of_sessions() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  touched uuid[];
BEGIN
  IF TG_OP = 'INSERT' THEN
    touched := ARRAY(SELECT id FROM changed WHERE starts_at IS NOT NULL);
  ELSE
    touched := ARRAY(
      SELECT n.id FROM changed n LEFT JOIN replaced o ON o.id = n.id
      WHERE (n.event_id, n.state, n.starts_at, n.ends_at, n.room_id, n.session_type_id, n.deleted_at, n.speaker_ids)
        IS DISTINCT FROM
        (o.event_id, o.state, o.starts_at, o.ends_at, o.room_id, o.session_type_id, o.deleted_at, o.speaker_ids)
        AND (n.starts_at IS NOT NULL OR o.starts_at IS NOT NULL)
    );
  END IF;
  IF touched = '{}' THEN
    RETURN NULL;
  END IF;
  PERFORM hold_schedule(e.id)
  FROM (SELECT DISTINCT event_id AS id FROM changed WHERE changed.id = ANY (touched) ORDER BY event_id) e;
  PERFORM keep_bookings(touched);
  RETURN NULL;
END
$$;

CREATE TRIGGER keep_bookings_inserted AFTER INSERT ON sessions
  REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION keep_bookings_of_sessions();
CREATE TRIGGER keep_bookings_updated AFTER UPDATE ON sessions
  REFERENCING NEW TABLE AS changed OLD TABLE AS replaced FOR EACH STATEMENT EXECUTE FUNCTION keep_bookings_of_sessions();

-- Of what sessions refer to.
CREATE FUNCTION keep_bookings_of_part() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM hold_schedule_alone(NEW.event_id);
  PERFORM keep_bookings(ARRAY(
    SELECT id FROM sessions
    WHERE event_id = NEW.event_id AND starts_at IS NOT NULL
      AND (NEW.id IN (room_id, session_type_id) OR NEW.id = ANY (speaker_ids))
  ));
  RETURN NULL;
END
$$;

CREATE TRIGGER keep_bookings AFTER UPDATE ON rooms FOR EACH ROW
  WHEN ((OLD.deleted_at IS NULL) <> (NEW.deleted_at IS NULL)) EXECUTE FUNCTION keep_bookings_of_part();
CREATE TRIGGER keep_bookings AFTER UPDATE ON speakers FOR EACH ROW
  WHEN ((OLD.deleted_at IS NULL) <> (NEW.deleted_at IS NULL)) EXECUTE FUNCTION keep_bookings_of_part();
CREATE TRIGGER keep_bookings AFTER UPDATE ON session_types FOR EACH ROW
  WHEN ((OLD.deleted_at IS NULL, OLD.duration_minutes) IS DISTINCT FROM (NEW.deleted_at IS NULL, NEW.duration_minutes))
  EXECUTE FUNCTION keep_bookings_of_part();

-- Of an event: whether they are exclusive.
CREATE FUNCTION keep_bookings_of_event() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  PERFORM hold_schedule_alone(NEW.id);
  UPDATE bookings b SET is_exclusive = NEW.conflict_policy = 'refuse'
  FROM sessions s WHERE s.id = b.session_id AND s.event_id = NEW.id;
  RETURN NULL;
END
$$;

CREATE TRIGGER keep_bookings AFTER UPDATE ON events FOR EACH ROW
  WHEN (OLD.conflict_policy <> NEW.conflict_policy) EXECUTE FUNCTION keep_bookings_of_event();

-- Which migration this one follows. Kept by "npx prisma migrate dev"; let it stay the last statement.
INSERT INTO migration_lineage (name, parent) VALUES ('20261125130901_bookings', '20261125130227_periods_valid');
