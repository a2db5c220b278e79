import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { projectFolder } from '../../src/config.ts'
import { openPool } from '../../src/database/pool.ts'
import { readCatalog } from '../../src/schema-evolution/database/read-catalog.ts'
import { deploy } from '../../src/schema-evolution/deploy/deploy.ts'
import { adoptDrift } from '../../src/schema-evolution/drift/adopt.ts'
import { lookForDrift } from '../../src/schema-evolution/drift/drift.ts'
import { takeBackDrift } from '../../src/schema-evolution/drift/take-back.ts'
import { checkMigrations } from '../../src/schema-evolution/check/check.ts'
import { requireSchema } from '../../src/schema-evolution/gate/require-schema.ts'
import { connect } from '../connection.ts'
import { cloneDatabase, emptyDatabase } from '../clones.ts'

/** A database with a room in it, whose schema somebody changes, and the project's files, which may be written. */
async function changedByHand(sql: string) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'drift-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await cp(path.join(projectFolder, 'prisma'), path.join(folder, 'prisma'), { recursive: true })
  const url = await cloneDatabase()
  const client = await connect(url)
  await client.query(`INSERT INTO events (id, slug, name, time_zone, starts_at, ends_at, state)
    VALUES (gen_random_uuid(), 'summit', 'Summit', 'UTC', '2027-03-28', '2027-03-29', 'draft');
    INSERT INTO rooms (id, event_id, name, floor) SELECT gen_random_uuid(), id, 'Hall', '2nd' FROM events`)
  const before = await catalogOf(url)
  await client.query(sql)
  const migrations = path.join(folder, 'prisma/migrations')
  return {
    url,
    before,
    migrations,
    options: { url, folder: migrations, dryRun: false },
    rows: async (text: string) => (await client.query(text)).rows,
    run: (text: string) => client.query(text),
    schema: () => readFile(path.join(folder, 'prisma/schema.prisma'), 'utf8'),
  }
}

async function catalogOf(url: string) {
  const pool = openPool(url, { max: 1 }).on('error', () => {})
  try {
    return Object.fromEntries(await readCatalog(pool))
  } finally {
    await pool.end()
  }
}

async function stateOf(url: string, folder: string): Promise<string> {
  const pool = openPool(url, { max: 1 }).on('error', () => {})
  try {
    return (await requireSchema({ pool, databaseUrl: url, migrationsFolder: folder, migrate: false })).schema
      .state
  } finally {
    await pool.end()
  }
}

async function catalogFromZero(folder: string) {
  const url = await emptyDatabase()
  await deploy({ url, migrations: folder })
  return catalogOf(url)
}

/** One of each kind, with what rests on others. */
const manyChanges = `
  ALTER TABLE rooms ADD COLUMN ramp_note text, ADD COLUMN doors int NOT NULL DEFAULT 1;
  ALTER TABLE rooms ADD CONSTRAINT some_doors CHECK (doors > 0), ALTER COLUMN position SET DEFAULT 7;
  ALTER TABLE rooms RENAME COLUMN floor TO storey;
  DROP INDEX events_name_id_idx;
  CREATE INDEX rooms_doors ON rooms (doors) WHERE doors > 1;
  DROP TRIGGER keep_erased ON speakers;
  ALTER TABLE sessions DISABLE TRIGGER record_revision;
  ALTER TABLE sessions DROP CONSTRAINT sessions_title_not_blank;
  CREATE OR REPLACE FUNCTION stamp_row() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS
    'BEGIN RAISE NOTICE ''two  blanks''; RETURN NEW; END';
  CREATE TYPE wood AS ENUM ('oak', 'ash');
  CREATE DOMAIN short AS text CHECK (length(VALUE) < 9);
  CREATE SEQUENCE tickets INCREMENT BY 5;
  CREATE TABLE chairs (number serial PRIMARY KEY, made_of wood DEFAULT 'oak', label short,
    room_id uuid REFERENCES rooms ON DELETE CASCADE, UNIQUE (label));
  CREATE FUNCTION label_of(chair chairs) RETURNS text LANGUAGE sql STABLE AS 'SELECT chair.label::text';
  CREATE VIEW labels AS SELECT number, label FROM chairs;
  CREATE MATERIALIZED VIEW woods AS SELECT made_of, count(*) FROM chairs GROUP BY 1;
  CREATE POLICY everybody ON chairs USING (number > 0);
  ALTER TABLE chairs ENABLE ROW LEVEL SECURITY;
  CREATE TRIGGER stamp_row BEFORE UPDATE ON chairs FOR EACH ROW EXECUTE FUNCTION stamp_row();`

describe('what was changed by hand', () => {
  test('is taken back whole, with the rows', async () => {
    const { url, before, options, rows, migrations } = await changedByHand(manyChanges)
    expect(await stateOf(url, migrations).catch(({ message }: Error) => message)).toContain(
      'Somebody changed it by hand. Run "npm run migrations -- drift"',
    )
    expect((await takeBackDrift({ ...options, dryRun: true })).statements).toContain(
      'ALTER TABLE "rooms" RENAME COLUMN "storey" TO "floor"',
    )
    expect((await lookForDrift(options)).difference).toContain('column rooms.ramp_note')
    await takeBackDrift(options)
    expect(await catalogOf(url)).toEqual(before)
    expect(await rows('SELECT name, floor FROM rooms')).toEqual([{ name: 'Hall', floor: '2nd' }])
    expect(await stateOf(url, migrations)).toBe('in sync')
    expect(await lookForDrift(options)).toMatchObject({ difference: null, isCatalogStale: false })
    expect(await takeBackDrift(options)).toMatchObject({ statements: [], settled: { edited: [], gone: [] } })
  })

  test('is adopted whole: a new database gets the same, and this one keeps its rows', async () => {
    const { url, options, rows, migrations, schema } = await changedByHand(manyChanges)
    const found = await catalogOf(url)
    const { written } = await adoptDrift(options, 'what_somebody_did')
    expect(written!.name).toMatch(/^\d{14}_what_somebody_did$/)
    expect(written!.sql).toContain('two  blanks')
    expect(await catalogOf(url)).toEqual(found)
    expect(await rows('SELECT name, storey, doors FROM rooms')).toEqual([
      { name: 'Hall', storey: '2nd', doors: 1 },
    ])
    expect(await stateOf(url, migrations)).toBe('in sync')
    expect(await catalogFromZero(migrations)).toEqual(found)
    expect((await readdir(migrations)).includes(written!.name)).toBe(true)
    const { findings } = await checkMigrations(migrations)
    expect(findings.filter(({ migrations: of }) => of.length === 0)).toEqual([])
    // A database that has the migrations before it gets it, with its rows.
    const other = await cloneDatabase()
    await deploy({ url: other, migrations })
    expect(await catalogOf(other)).toEqual(found)
    expect(await schema()).toContain('ramp_note')
    expect(await schema()).toContain('// The programme of an event.')
  })

  test('is not taken back if a value would be lost, and can be kept', async () => {
    const { url, options, run, rows, migrations } = await changedByHand(
      "ALTER TABLE rooms ADD COLUMN ramp_note text; UPDATE rooms SET ramp_note = 'left'; CREATE INDEX by_note ON rooms (ramp_note)",
    )
    const found = await catalogOf(url)
    await expect(takeBackDrift(options)).rejects.toMatchObject({
      name: 'DriftRefused',
      message: expect.stringMatching(
        /would lose rows[^]*column rooms\.ramp_note: its values in 1 rows are gone[^]*npm run migrations -- drift --adopt NAME/,
      ) as string,
    })
    expect(await catalogOf(url)).toEqual(found)
    await adoptDrift(options, 'ramp_note')
    expect(await rows('SELECT ramp_note FROM rooms')).toEqual([{ ramp_note: 'left' }])
    expect(await stateOf(url, migrations)).toBe('in sync')
    await run('DROP INDEX by_note')
    expect((await takeBackDrift(options)).statements).toEqual([
      expect.stringMatching(/^CREATE INDEX by_note/),
    ])
  })

  test('is told with what the database says if it is in the way', async () => {
    const { options } = await changedByHand(
      'ALTER TABLE rooms DISABLE TRIGGER USER; ALTER TABLE rooms ALTER name DROP NOT NULL; UPDATE rooms SET name = NULL; ALTER TABLE rooms ENABLE TRIGGER USER',
    )
    await expect(takeBackDrift(options)).rejects.toThrow(
      /changed: column rooms\.name[^]*SET NOT NULL\n  column "name" of relation "rooms" contains null values/,
    )
  })

  test('is only recorded if a migration for it is written already', async () => {
    const { url, options, migrations } = await changedByHand('ALTER TABLE rooms ADD COLUMN ramp_note text')
    const folder = path.join(migrations, '29990101000000_ramp')
    await mkdir(folder)
    await writeFile(path.join(folder, 'migration.sql'), 'ALTER TABLE rooms ADD COLUMN ramp_note text;')
    expect(await adoptDrift(options, 'ramp')).toMatchObject({
      migrations: ['29990101000000_ramp'],
      written: null,
    })
    expect(await stateOf(url, migrations)).toBe('in sync')
  })

  test.each([
    ['a label renamed', `ALTER TYPE session_level RENAME VALUE 'expert' TO 'guru'`],
    ['a column of another type', 'ALTER TABLE rooms ALTER capacity TYPE bigint'],
    ['a table renamed', 'ALTER TABLE breaks RENAME TO pauses'],
    ['a column dropped', 'ALTER TABLE rooms DROP COLUMN floor'],
    ['row level security', 'ALTER TABLE rooms ENABLE ROW LEVEL SECURITY'],
    [
      "a constraint that isn't validated",
      "ALTER TABLE rooms ADD CONSTRAINT high CHECK (floor <> 'x') NOT VALID",
    ],
    [
      'a sequence of other bounds',
      'ALTER SEQUENCE programme_changes INCREMENT BY 7 MAXVALUE 900000 CACHE 5 CYCLE',
    ],
    ['a sequence renamed', 'ALTER SEQUENCE programme_places RENAME TO places'],
    ['a narrower type that all values fit', 'ALTER TABLE rooms ALTER floor TYPE varchar(40)'],
    [
      'an index that rests on an extension',
      'CREATE EXTENSION IF NOT EXISTS pg_trgm; CREATE INDEX rooms_trgm ON rooms USING gin (name gin_trgm_ops)',
    ],
    [
      'a generated column',
      'ALTER TABLE users ADD COLUMN loud text GENERATED ALWAYS AS (upper(subject)) STORED',
    ],
  ])('such as %s goes both ways', async (_what, sql) => {
    const { url, before, options, migrations, run } = await changedByHand(sql)
    const found = await catalogOf(url)
    await takeBackDrift(options)
    expect(await catalogOf(url)).toEqual(before)
    await run(sql)
    await adoptDrift(options, 'kept')
    expect(await catalogFromZero(migrations)).toEqual(found)
    expect(await stateOf(url, migrations)).toBe('in sync')
  })

  test.each([
    ['a table', 'ALTER TABLE breaks RENAME TO pauses', '@@map("pauses")'],
    [
      'a column',
      'ALTER TABLE breaks RENAME COLUMN room_id TO where_it_is',
      '/// Where; null: everywhere.\n  roomId         String?   @map("where_it_is") @db.Uuid',
    ],
    [
      'a column that was called as its field',
      'ALTER TABLE breaks RENAME COLUMN name TO label',
      'name           String @map("label")',
    ],
    ['an enum', 'ALTER TYPE text_format RENAME TO format', '@@map("format")'],
  ])(
    'that gave %s another name keeps the names and the comments of schema.prisma',
    async (_what, sql, map) => {
      const { options, schema } = await changedByHand(sql)
      const said = (text: string) => [...text.matchAll(/\/\/\/.*|^(model|enum) .*/gm)].map(([line]) => line)
      const before = said(await schema())
      await adoptDrift(options, 'renamed')
      expect(said(await schema())).toEqual(before)
      expect(await schema()).toContain(map)
    },
  )

  test('to a sequence lets it go on counting where it is, whichever way', async () => {
    const { url, options, run, rows, migrations } = await changedByHand(
      "ALTER SEQUENCE programme_changes INCREMENT BY 7; SELECT setval('programme_changes', 5000)",
    )
    await takeBackDrift(options)
    expect(await rows("SELECT nextval('programme_changes')::int AS next")).toEqual([{ next: 5001 }])
    await run('ALTER SEQUENCE programme_changes INCREMENT BY 7')
    await adoptDrift(options, 'sevens')
    const other = await cloneDatabase()
    const client = await connect(other)
    await client.query("SELECT setval('programme_changes', 6000)")
    await deploy({ url: other, migrations })
    expect((await client.query("SELECT nextval('programme_changes')::int AS next")).rows).toEqual([
      { next: 6007 },
    ])
    expect(await stateOf(url, migrations)).toBe('in sync')
  })

  test('is not taken back if where a sequence has counted to would be lost', async () => {
    const { options } = await changedByHand("CREATE SEQUENCE tickets; SELECT setval('tickets', 40)")
    await expect(takeBackDrift(options)).rejects.toThrow(
      'sequence tickets: that it has counted to 40 is gone',
    )
  })

  test('is taken back with the record of the migration that did half of it, which is begun anew then', async () => {
    const { url, before, options, migrations, rows } = await changedByHand(
      "INSERT INTO rooms (id, event_id, name) SELECT gen_random_uuid(), id, 'Hall' FROM events",
    )
    const folder = path.join(migrations, '29990101000000_doors')
    const script = (index: string) =>
      `-- migration: no transaction\nALTER TABLE rooms ADD COLUMN doors int;\nCREATE ${index} CONCURRENTLY named ON rooms (name);\n`
    await mkdir(folder)
    await writeFile(path.join(folder, 'migration.sql'), script('UNIQUE INDEX'))
    await expect(deploy({ url, migrations })).rejects.toThrow('drift --take-back')
    expect(await takeBackDrift(options)).toMatchObject({ unfinished: ['29990101000000_doors'] })
    expect(await catalogOf(url)).toEqual(before)
    await writeFile(path.join(folder, 'migration.sql'), script('INDEX'))
    await deploy({ url, migrations })
    expect(await rows('SELECT name, doors FROM rooms')).toEqual([
      { name: 'Hall', doors: null },
      { name: 'Hall', doors: null },
    ])
  })

  test('is not kept while an index is half-made, which no migration makes', async () => {
    const { options, run } = await changedByHand(
      "INSERT INTO rooms (id, event_id, name) SELECT gen_random_uuid(), id, 'Hall' FROM events",
    )
    await run('CREATE UNIQUE INDEX CONCURRENTLY named ON rooms (name)').catch(() => {})
    await expect(adoptDrift(options, 'named')).rejects.toThrow(
      /index "named" of rooms is half-made.*DROP INDEX CONCURRENTLY "named"/,
    )
    await run('DROP INDEX CONCURRENTLY "named"')
    expect(await adoptDrift(options, 'named')).toMatchObject({ migrations: [] })
  })

  test('that nobody can write as a migration is kept by the way that the refusal tells', async () => {
    const sql = 'CREATE TABLE logs (at timestamptz) PARTITION BY RANGE (at)'
    const { url, options, migrations } = await changedByHand(sql)
    const told = await adoptDrift(options, 'logs').then(
      () => 'kept',
      ({ message }: Error) => message,
    )
    const [, name] = /Write it yourself: prisma\/migrations\/(\d+_logs)\/migration\.sql/.exec(told)!
    await mkdir(path.join(migrations, name!))
    await writeFile(path.join(migrations, name!, 'migration.sql'), `${sql};`)
    expect(await adoptDrift(options, 'logs')).toMatchObject({ migrations: [name], written: null })
    expect(await stateOf(url, migrations)).toBe('in sync')
  })

  test.each([
    ['a label added', `ALTER TYPE session_level ADD VALUE 'guru' AFTER 'beginner'`],
    [
      'a column that counted its rows',
      'ALTER TABLE rooms ADD COLUMN number int GENERATED BY DEFAULT AS IDENTITY',
    ],
    [
      'a column that counted by a sequence of its own',
      `CREATE SEQUENCE badge START 100 MAXVALUE 9999; ALTER TABLE rooms ADD badge int DEFAULT nextval('badge');
       ALTER SEQUENCE badge OWNED BY rooms.badge`,
    ],
  ])('such as %s can only be kept', async (_what, sql) => {
    const { url, options, migrations } = await changedByHand(sql)
    const found = await catalogOf(url)
    await expect(takeBackDrift(options)).rejects.toMatchObject({ name: 'DriftRefused' })
    await adoptDrift(options, 'kept')
    expect(await catalogFromZero(migrations)).toEqual(found)
    expect(await stateOf(url, migrations)).toBe('in sync')
  })
})

test('a migration that was written by hand, without its catalog, is not taken for a change by hand', async () => {
  const { url, options, migrations } = await changedByHand('')
  await mkdir(path.join(migrations, '29990101000000_ramp'))
  await writeFile(
    path.join(migrations, '29990101000000_ramp/migration.sql'),
    'ALTER TABLE rooms ADD COLUMN ramp_note text;',
  )
  await deploy({ url, migrations })
  const told = await stateOf(url, migrations).catch(({ message }: Error) => message)
  expect(told).toBe(
    "All migrations are applied, but prisma/migrations/catalog doesn't know what they make: 29990101000000_ramp was " +
      'written without it (not ours: column rooms.ramp_note). Write it ("npm run catalog") and commit it.',
  )
  expect(await lookForDrift(options)).toMatchObject({ difference: null, isCatalogStale: true })
})
