DROP TRIGGER refuse_former_slug ON events;
DROP TRIGGER keep_former_slugs ON events;
DROP FUNCTION refuse_former_slug;
DROP FUNCTION keep_former_slugs;
ALTER TABLE events DROP COLUMN former_slugs;
