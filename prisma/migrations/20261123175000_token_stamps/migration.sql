-- How a table that had no stamps gets them: no row is ever without one, and none claims to be newer than it is.

-- 1. Columns that may be empty: no rewrite, no wait. Prisma's own draft said NOT NULL, which fails on the first row.
ALTER TABLE access_tokens
  ADD COLUMN last_modified_at timestamptz,
  ADD COLUMN modified_in xid8,
  ADD COLUMN version integer NOT NULL DEFAULT 1;

-- 2. What is there was last changed, as far as anybody knows, when it was made. (Millions of rows are filled in
--    batches, in a migration of their own before this one.)
UPDATE access_tokens SET created_at = date_trunc('milliseconds', created_at);
UPDATE access_tokens SET last_modified_at = created_at;

-- 3. From here on the database stamps; only now can the column be required, and no writer came between.
CREATE TRIGGER stamp_row BEFORE INSERT OR UPDATE ON access_tokens
  FOR EACH ROW EXECUTE FUNCTION stamp_row();
ALTER TABLE access_tokens ALTER COLUMN last_modified_at SET NOT NULL;
