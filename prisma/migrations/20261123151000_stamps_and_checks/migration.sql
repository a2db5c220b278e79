-- What Prisma's schema can't say: who stamps, and what can't be stored.

-- Stamps. `created_at`, `last_modified_at`, `version` and `modified_in` belong to the database: whatever a
-- statement says about them is overwritten here, so that raw SQL counts as much as the API.
-- * Whole milliseconds, because clients hold milliseconds: what they send back must equal what is stored.
-- * clock_timestamp(), because now() is the moment at which the transaction began.
-- * Never at or below the old stamp, even when the clock was set back.
-- * One step a transaction: its changes become visible together, so they are one change.
CREATE FUNCTION stamp_row() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  moment timestamptz := date_trunc('milliseconds', clock_timestamp());
BEGIN
  IF TG_OP = 'INSERT' THEN
    NEW.created_at := moment;
    NEW.last_modified_at := moment;
    NEW.version := 1;
    NEW.modified_in := pg_current_xact_id();
    RETURN NEW;
  END IF;

  NEW.created_at := OLD.created_at;
  NEW.last_modified_at := OLD.last_modified_at;
  NEW.version := OLD.version;
  NEW.modified_in := OLD.modified_in;
  IF NEW *<> OLD AND OLD.modified_in IS DISTINCT FROM pg_current_xact_id() THEN
    NEW.last_modified_at := greatest(moment, OLD.last_modified_at + interval '1 millisecond');
    NEW.version := OLD.version + 1;
    NEW.modified_in := pg_current_xact_id();
  END IF;
  RETURN NEW;
END
$$;

CREATE TRIGGER stamp_row BEFORE INSERT OR UPDATE ON events        FOR EACH ROW EXECUTE FUNCTION stamp_row();
CREATE TRIGGER stamp_row BEFORE INSERT OR UPDATE ON tracks        FOR EACH ROW EXECUTE FUNCTION stamp_row();
CREATE TRIGGER stamp_row BEFORE INSERT OR UPDATE ON rooms         FOR EACH ROW EXECUTE FUNCTION stamp_row();
CREATE TRIGGER stamp_row BEFORE INSERT OR UPDATE ON session_types FOR EACH ROW EXECUTE FUNCTION stamp_row();
CREATE TRIGGER stamp_row BEFORE INSERT OR UPDATE ON speakers      FOR EACH ROW EXECUTE FUNCTION stamp_row();
CREATE TRIGGER stamp_row BEFORE INSERT OR UPDATE ON sessions      FOR EACH ROW EXECUTE FUNCTION stamp_row();

-- A changed speaker list is a changed session.
CREATE FUNCTION count_speaker_list_change() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NOT NEW *<> OLD THEN
    RETURN NULL;
  END IF;
  IF TG_OP <> 'INSERT' THEN
    UPDATE sessions SET speakers_version = speakers_version + 1 WHERE id = OLD.session_id;
  END IF;
  IF TG_OP = 'INSERT' OR (TG_OP = 'UPDATE' AND NEW.session_id <> OLD.session_id) THEN
    UPDATE sessions SET speakers_version = speakers_version + 1 WHERE id = NEW.session_id;
  END IF;
  RETURN NULL;
END
$$;

CREATE TRIGGER count_speaker_list_change AFTER INSERT OR UPDATE OR DELETE ON session_speakers
  FOR EACH ROW EXECUTE FUNCTION count_speaker_list_change();

-- What can't be stored. Instants are whole milliseconds for the same reason as the stamps.
ALTER TABLE events
  ADD CONSTRAINT events_end_after_start CHECK (ends_at > starts_at),
  ADD CONSTRAINT events_whole_milliseconds CHECK (
    date_trunc('milliseconds', starts_at) = starts_at AND date_trunc('milliseconds', ends_at) = ends_at
  ),
  ADD CONSTRAINT events_slug_form CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  ADD CONSTRAINT events_name_not_blank CHECK (name ~ '\S');

ALTER TABLE sessions
  ADD CONSTRAINT sessions_end_after_start CHECK (ends_at IS NULL OR (starts_at IS NOT NULL AND ends_at > starts_at)),
  ADD CONSTRAINT sessions_whole_milliseconds CHECK (
    date_trunc('milliseconds', starts_at) = starts_at AND date_trunc('milliseconds', ends_at) = ends_at
  ),
  ADD CONSTRAINT sessions_title_not_blank CHECK (title ~ '\S');

ALTER TABLE tracks
  ADD CONSTRAINT tracks_name_not_blank CHECK (name ~ '\S'),
  ADD CONSTRAINT tracks_color_form CHECK (color ~ '^#[0-9a-f]{6}$');

ALTER TABLE rooms
  ADD CONSTRAINT rooms_name_not_blank CHECK (name ~ '\S'),
  ADD CONSTRAINT rooms_capacity_not_negative CHECK (capacity >= 0);

ALTER TABLE session_types
  ADD CONSTRAINT session_types_name_not_blank CHECK (name ~ '\S'),
  ADD CONSTRAINT session_types_duration_positive CHECK (duration_minutes > 0);

ALTER TABLE speakers
  ADD CONSTRAINT speakers_name_not_blank CHECK (name ~ '\S');
