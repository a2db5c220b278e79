-- The bookings of the sessions that are there already. No session is touched, so none gets a new stamp. A writer of an
-- event's sessions waits while those of its bookings are made; sessions that come meanwhile bring theirs along.
SELECT hold_schedule_alone(e.id), keep_bookings(ARRAY(SELECT s.id FROM sessions s WHERE s.event_id = e.id))
FROM (SELECT id FROM events ORDER BY id) e;

-- Nobody writes bookings by hand: the next change of their session would undo it.
CREATE FUNCTION guard_bookings() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'Bookings follow from the sessions, and are written by their triggers only'
    USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER guard_bookings BEFORE INSERT OR UPDATE OR DELETE ON bookings
  FOR EACH STATEMENT WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION guard_bookings();

-- Which migration this one follows. Kept by "npx prisma migrate dev"; let it stay the last statement.
INSERT INTO migration_lineage (name, parent) VALUES ('20261125131500_bookings_filled', '20261125130901_bookings');
