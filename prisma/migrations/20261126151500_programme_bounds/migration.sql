-- How much a programme may have: lists that are given without pages are this long at most (@listSize in the SDL), whoever
-- writes. What an event has already stays; it is only not added to.

-- Its arguments: the most there may be, the column that says of what, and how the two are told.
CREATE FUNCTION require_room_for_more() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
DECLARE
  most integer := TG_ARGV[0];
  owner uuid := to_jsonb(NEW) ->> TG_ARGV[1];
  counted text := format('SELECT count(*) FROM %I WHERE %I = $1 %s', TG_TABLE_NAME, TG_ARGV[1],
    CASE WHEN to_jsonb(NEW) ? 'deleted_at' THEN 'AND deleted_at IS NULL' ELSE '' END);
  there bigint;
BEGIN
  EXECUTE counted INTO there USING owner;
  IF there > most / 2 THEN
    -- From here on one after the other, so that two who don't see each other's rows don't fill it twice.
    PERFORM pg_advisory_xact_lock(hashtextextended(TG_TABLE_NAME || owner, 0));
    EXECUTE counted INTO there USING owner;
  END IF;
  IF there > most THEN
    RAISE EXCEPTION '%', format(TG_ARGV[2], most) USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER bounded AFTER INSERT OR UPDATE OF event_id, deleted_at ON tracks
  FOR EACH ROW WHEN (NEW.deleted_at IS NULL)
  EXECUTE FUNCTION require_room_for_more('100', 'event_id', 'an event has %s tracks at most');
CREATE TRIGGER bounded AFTER INSERT OR UPDATE OF event_id, deleted_at ON rooms
  FOR EACH ROW WHEN (NEW.deleted_at IS NULL)
  EXECUTE FUNCTION require_room_for_more('150', 'event_id', 'an event has %s rooms at most');
CREATE TRIGGER bounded AFTER INSERT OR UPDATE OF event_id, deleted_at ON session_types
  FOR EACH ROW WHEN (NEW.deleted_at IS NULL)
  EXECUTE FUNCTION require_room_for_more('50', 'event_id', 'an event has %s session types at most');
CREATE TRIGGER bounded AFTER INSERT OR UPDATE OF event_id, deleted_at ON breaks
  FOR EACH ROW WHEN (NEW.deleted_at IS NULL)
  EXECUTE FUNCTION require_room_for_more('200', 'event_id', 'an event has %s breaks at most');
CREATE TRIGGER bounded AFTER INSERT OR UPDATE OF session_id ON session_speakers
  FOR EACH ROW EXECUTE FUNCTION require_room_for_more('50', 'session_id', 'a session has %s speakers at most');

-- Which migration this one follows. Kept by "npx prisma migrate dev"; let it stay the last statement.
INSERT INTO migration_lineage (name, parent) VALUES ('20261126151500_programme_bounds', '20261126144100_programme_clock_begun');
