import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest'
import { migrationsFolder } from '../../src/config.ts'
import { type Catalog, compareCatalogs, readCatalogFile } from '../../src/schema-evolution/files/catalog.ts'
import { readCatalog } from '../../src/schema-evolution/database/read-catalog.ts'
import { deploy } from '../../src/schema-evolution/deploy/deploy.ts'
import { type ServerPostgres, serverPostgresPrograms, startServerPostgres } from '../server-postgres.ts'
import { cloneDatabase } from '../clones.ts'

/** One example of each kind of thing that somebody could change: `-` missing, `~` changed, `+` not ours. */
const seen: readonly [what: string, sql: string, difference: string][] = [
  ['a table', 'CREATE TABLE chairs ()', '+table chairs'],
  ['a table that a crash empties', 'ALTER TABLE idempotency_keys SET UNLOGGED', '~table idempotency_keys'],
  [
    'a partitioned table',
    'CREATE TABLE chairs (id int) PARTITION BY RANGE (id)',
    '+column chairs.id +table chairs',
  ],
  [
    'the bounds of a partition',
    `CREATE TABLE a (id int) PARTITION BY LIST (id); CREATE TABLE b PARTITION OF a FOR VALUES IN (1)`,
    '+column a.id +column b.id +table a +table b',
  ],
  ['a parent', 'CREATE TABLE extras (); ALTER TABLE rooms INHERIT extras', '~table rooms +table extras'],
  ['row level security for the owner', 'ALTER TABLE rooms FORCE ROW LEVEL SECURITY', '~table rooms'],
  ['a policy', 'CREATE POLICY all_rooms ON rooms USING (true)', '+policy rooms.all_rooms'],
  ['a replica identity', 'ALTER TABLE rooms REPLICA IDENTITY FULL', '~table rooms'],
  ['a type of a column', 'ALTER TABLE rooms ALTER capacity TYPE bigint', '~column rooms.capacity'],
  ['a collation of a column', 'ALTER TABLE rooms ALTER floor TYPE text COLLATE "C"', '~column rooms.floor'],
  ['an identity', 'ALTER TABLE rooms ADD n int GENERATED ALWAYS AS IDENTITY', '+column rooms.n'],
  [
    'a generated column',
    'ALTER TABLE rooms ADD n int GENERATED ALWAYS AS (capacity + 1) STORED',
    '+column rooms.n',
  ],
  ['a NULL that is like others', 'CREATE UNIQUE INDEX one ON rooms (floor) NULLS NOT DISTINCT', '+index one'],
  [
    'an index of an expression',
    'CREATE INDEX lowered ON rooms (lower(name) text_pattern_ops)',
    '+index lowered',
  ],
  [
    'a constraint that waits',
    'ALTER TABLE rooms ALTER CONSTRAINT rooms_event_id_fkey DEFERRABLE',
    '~constraint rooms.rooms_event_id_fkey',
  ],
  [
    'a constraint that excludes',
    'ALTER TABLE rooms ADD CONSTRAINT apart EXCLUDE (name WITH =)',
    '+constraint rooms.apart',
  ],
  [
    'a constraint that is not validated',
    'ALTER TABLE rooms ADD CONSTRAINT odd CHECK (capacity % 2 = 1) NOT VALID',
    '+constraint rooms.odd',
  ],
  [
    'foreign keys that nobody holds',
    'ALTER TABLE session_speakers DISABLE TRIGGER ALL',
    '~constraint session_speakers.session_speakers_event_id_session_id_fkey ~constraint session_speakers.session_speakers_event_id_speaker_id_fkey ~trigger session_speakers.bounded ~trigger session_speakers.copy_speaker_lists_deleted ~trigger session_speakers.copy_speaker_lists_inserted ~trigger session_speakers.copy_speaker_lists_updated',
  ],
  ['a trigger disabled', 'ALTER TABLE rooms DISABLE TRIGGER stamp_row', '~trigger rooms.stamp_row'],
  [
    'a trigger for replicas',
    'ALTER TABLE rooms ENABLE REPLICA TRIGGER stamp_row',
    '~trigger rooms.stamp_row',
  ],
  [
    'a trigger that always fires',
    'ALTER TABLE rooms ENABLE ALWAYS TRIGGER stamp_row',
    '~trigger rooms.stamp_row',
  ],
  ['a rule', 'CREATE RULE none AS ON DELETE TO rooms DO INSTEAD NOTHING', '+rule rooms.none'],
  [
    'a default of an argument',
    `CREATE FUNCTION f(n int) RETURNS int LANGUAGE sql AS 'SELECT n'; CREATE OR REPLACE FUNCTION f(n int DEFAULT 7) RETURNS int LANGUAGE sql AS 'SELECT n'`,
    '+function f(n integer)',
  ],
  ['a function of standard SQL', 'CREATE FUNCTION f() RETURNS int RETURN 1', '+function f()'],
  ['a function that is stable', 'ALTER FUNCTION stamp_row() STABLE', '~function stamp_row()'],
  ['a procedure', `CREATE PROCEDURE p() LANGUAGE sql AS ''`, '+function p()'],
  ['an aggregate', 'CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int)', '+function total(integer)'],
  [
    'an operator',
    'CREATE OPERATOR === (FUNCTION = int4eq, LEFTARG = int, RIGHTARG = int)',
    '+operator ===(integer, integer)',
  ],
  ['a label', `ALTER TYPE session_level ADD VALUE 'guru'`, '~enum session_level'],
  ['a domain', `CREATE DOMAIN percent AS int DEFAULT 1 NOT NULL CHECK (VALUE < 101)`, '+domain percent'],
  ['a composite type', 'CREATE TYPE pair AS (one int, other text)', '+type pair'],
  [
    'a range type',
    'CREATE TYPE floats AS RANGE (subtype = float8)',
    '+function floats(double precision, double precision) +function floats(double precision, double precision, text) +function floats_multirange() +function floats_multirange(VARIADIC floats[]) +function floats_multirange(floats) +type floats',
  ],
  [
    'a collation',
    `CREATE COLLATION german (provider = icu, locale = 'de', deterministic = false)`,
    '+collation german',
  ],
  [
    'a configuration of text search',
    'CREATE TEXT SEARCH CONFIGURATION plain (COPY = simple)',
    '+text search configuration plain',
  ],
  ['a view', 'CREATE VIEW v AS SELECT name, floor FROM rooms', '+view v'],
  [
    'a view of two tables',
    'CREATE VIEW v AS SELECT r.name, e.slug FROM rooms r JOIN events e ON e.id = r.event_id',
    '+view v',
  ],
  ['a view of the invoker', 'CREATE VIEW v WITH (security_invoker) AS SELECT name FROM rooms', '+view v'],
  [
    'a materialized view',
    'CREATE MATERIALIZED VIEW m AS SELECT name FROM rooms WITH NO DATA',
    '+materialized view m',
  ],
  ['a sequence', 'CREATE SEQUENCE s AS int INCREMENT 5 CYCLE', '+sequence s'],
  [
    'a foreign table',
    'CREATE FOREIGN DATA WRAPPER w; CREATE SERVER elsewhere FOREIGN DATA WRAPPER w; CREATE FOREIGN TABLE far (id int) SERVER elsewhere',
    '+column far.id +table far',
  ],
]

/** What the API can't tell: it works all the same. */
const unseen: readonly [what: string, sql: string][] = [
  ['a comment', `COMMENT ON TABLE rooms IS 'Rooms'`],
  ['a privilege', 'GRANT SELECT ON rooms TO public'],
  ['an owner', 'ALTER TABLE rooms OWNER TO CURRENT_USER'],
  ['how values are stored', 'ALTER TABLE rooms ALTER name SET STORAGE EXTERNAL'],
  ['how values are compressed', 'ALTER TABLE rooms ALTER name SET COMPRESSION pglz'],
  ['how full pages are', 'ALTER TABLE rooms SET (fillfactor = 50)'],
  ['statistics', 'CREATE STATISTICS s ON name, floor FROM rooms'],
  ['the order on disk', 'ALTER TABLE rooms CLUSTER ON rooms_pkey'],
  ['an extension', 'CREATE EXTENSION pg_trgm'],
  [
    'an event trigger',
    `CREATE FUNCTION pg_temp.e() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION pg_temp.e()`,
  ],
  ['another schema', 'CREATE SCHEMA elsewhere; CREATE TABLE elsewhere.rooms ()'],
]

let server: ServerPostgres | null = null
const places = [
  {
    where: 'the embedded PostgreSQL',
    isThere: true,
    open: async () => {
      const superuser = new URL(inject('superuser'))
      superuser.pathname = new URL(await cloneDatabase()).pathname
      return superuser.href
    },
  },
  {
    where: 'a server PostgreSQL',
    isThere: serverPostgresPrograms() !== null,
    open: async () => {
      await deploy({ url: server!.url, migrations: migrationsFolder })
      const superuser = new URL(server!.superuserUrl)
      superuser.pathname = new URL(server!.url).pathname
      return superuser.href
    },
  },
]

beforeAll(async () => {
  if (serverPostgresPrograms() !== null) server = await startServerPostgres()
})
afterAll(() => server?.stop())

describe.each(places)('on $where', ({ isThere, open }) => {
  test.skipIf(!isThere)('every kind of change is seen that the API would meet, and no other', async () => {
    const { before, afterEach } = await openTrial(await open())
    const found: [string, string][] = []
    for (const [what, sql] of seen) found.push([what, difference(before, await afterEach(sql))])
    expect(found).toEqual(seen.map(([what, , expected]) => [what, expected]))
    const told: [string, string][] = []
    for (const [what, sql] of unseen) told.push([what, difference(before, await afterEach(sql))])
    expect(told).toEqual(unseen.map(([what]) => [what, '']))
  })
})

test.skipIf(serverPostgresPrograms() === null)('both say the same of each', async () => {
  const [embedded, other] = await Promise.all(places.map(async ({ open }) => openTrial(await open())))
  for (const [what, sql] of seen) {
    expect({ what, catalog: await other!.afterEach(sql) }).toEqual({
      what,
      catalog: await embedded!.afterEach(sql),
    })
  }
})

test.skipIf(serverPostgresPrograms() === null)(
  'all migrations make on a server PostgreSQL what is kept beside them, in a schema of any name',
  async () => {
    const url = `${server!.url}?schema=programme`
    await deploy({ url, migrations: migrationsFolder })
    const client = new pg.Client({
      connectionString: url,
      options: '-c TimeZone=UTC -c search_path=programme',
    })
    await client.connect()
    onTestFinished(() => client.end())
    expect(await readCatalog(client)).toEqual(await readCatalogFile(migrationsFolder))
  },
)

/** Takes each change back after it has looked. */
async function openTrial(url: string) {
  const client = new pg.Client({ connectionString: url, options: '-c TimeZone=UTC' })
  client.on('error', () => {})
  await client.connect()
  onTestFinished(() => client.end())
  return {
    before: await readCatalog(client),
    async afterEach(sql: string): Promise<Catalog> {
      await client.query(`BEGIN; ${sql}`)
      const catalog = await readCatalog(client)
      await client.query('ROLLBACK')
      return catalog
    },
  }
}

function difference(before: Catalog, after: Catalog): string {
  const { missing, changed, extra } = compareCatalogs(before, after)
  const marked = (mark: string, names: readonly string[]) => names.toSorted().map((name) => mark + name)
  return [...marked('-', missing), ...marked('~', changed), ...marked('+', extra)].join(' ')
}
