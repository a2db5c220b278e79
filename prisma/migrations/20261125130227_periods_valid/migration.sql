-- The periods of every row are what the constraints of the migration before say.
ALTER TABLE rooms VALIDATE CONSTRAINT rooms_open_in_periods;
ALTER TABLE speakers VALIDATE CONSTRAINT speakers_available_in_periods;

-- Which migration this one follows. Kept by "npx prisma migrate dev"; let it stay the last statement.
INSERT INTO migration_lineage (name, parent) VALUES ('20261125130227_periods_valid', '20261125130118_rooms_hours_breaks');
