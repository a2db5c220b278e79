-- What the cursors of change feeds are signed by.

-- CreateTable
CREATE TABLE "cursor_keys" (
    "id" SMALLINT NOT NULL,
    "key" BYTEA NOT NULL,

    CONSTRAINT "cursor_keys_pkey" PRIMARY KEY ("id")
);

-- Two random UUIDs have 244 bits of the server's strong random numbers.
INSERT INTO cursor_keys (id, key)
VALUES (1, sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')));

-- Which migration this one follows. Kept by "npx prisma migrate dev"; let it stay the last statement.
INSERT INTO migration_lineage (name, parent) VALUES ('20261126155000_cursor_keys', '20261126153000_source_ids');
