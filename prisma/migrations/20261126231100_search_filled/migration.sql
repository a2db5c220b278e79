-- What the rows that are there already are found by. Rows that are written meanwhile bring theirs along, which stay.
SELECT count(write_search_document('session', to_jsonb(s), true)) FROM sessions s;
SELECT count(write_search_document('speaker', to_jsonb(s), true)) FROM speakers s;
SELECT count(write_search_document('track', to_jsonb(s), true)) FROM tracks s;
SELECT count(write_search_document('room', to_jsonb(s), true)) FROM rooms s;

-- Which migration this one follows. Kept by "npx prisma migrate dev"; let it stay the last statement.
INSERT INTO migration_lineage (name, parent) VALUES ('20261126231100_search_filled', '20261126231000_search');
