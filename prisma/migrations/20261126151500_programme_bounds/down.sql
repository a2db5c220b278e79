DROP TRIGGER bounded ON session_speakers;
DROP TRIGGER bounded ON breaks;
DROP TRIGGER bounded ON session_types;
DROP TRIGGER bounded ON rooms;
DROP TRIGGER bounded ON tracks;
DROP FUNCTION require_room_for_more();
