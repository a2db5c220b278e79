ALTER TABLE events DROP COLUMN text_format;
ALTER TABLE sessions DROP COLUMN text_format;
ALTER TABLE speakers DROP COLUMN text_format;
DROP TYPE text_format;
