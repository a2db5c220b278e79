import { readFile } from 'node:fs/promises'
import path from 'node:path'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest'
import { migrationsFolder, projectFolder } from '../../src/config.ts'
import { type Catalog, readCatalogFile } from '../../src/schema-evolution/files/catalog.ts'
import { readCatalog } from '../../src/schema-evolution/database/read-catalog.ts'
import { replay } from '../../src/schema-evolution/engine/replay.ts'
import { openEngine } from '../../src/schema-evolution/engine/engine.ts'
import { readMigrations } from '../../src/schema-evolution/files/migration-files.ts'
import { scriptsOf } from '../../src/schema-evolution/files/migration-folder.ts'
import { type ServerPostgres, serverPostgresPrograms, startServerPostgres } from '../server-postgres.ts'
import { fillTables, requireRowsEverywhere } from './fill-tables.ts'

const list = await readMigrations(migrationsFolder)
const names = list.migrationDirectories.map(({ path: name }) => name)
const newest = names.at(-1)!

/** Values that a migration changes on purpose; whatever else was there must stay as it was. */
const transformed: Readonly<Record<string, (value: unknown) => unknown>> = {
  // 20261123175000_token_stamps: stamps are whole milliseconds.
  'access_tokens.created_at': (value) => String(value).replace(/(\.\d{3})\d*/, '$1'),
}

/** What follows from other rows: the migrations make it anew, and a law below says what it has to be. */
const derived = ['bookings', 'search_documents']

let server: ServerPostgres | null = null
beforeAll(async () => {
  if (serverPostgresPrograms() !== null) server = await startServerPostgres()
})
afterAll(() => server?.stop())

describe.each([
  { where: 'the embedded PostgreSQL', isThere: true, urls: () => [inject('superuser'), inject('template')] },
  {
    where: 'a server PostgreSQL',
    isThere: serverPostgresPrograms() !== null,
    urls: () => [server!.superuserUrl, server!.url],
  },
])('on $where', { timeout: 600_000 }, ({ isThere, urls }) => {
  test.skipIf(!isThere)('all migrations make schema.prisma and the catalog', async () => {
    const [, url] = urls()
    const schema = await readFile(path.join(projectFolder, 'prisma/schema.prisma'), 'utf8')
    const replayed = await replay({ url: url!, datamodel: schema }, scriptsOf(list))
    expect(replayed).toMatchObject({ catalog: await readCatalogFile(migrationsFolder), difference: null })
  })

  test.skipIf(!isThere)(
    'each earlier migration, full of data, becomes the newest and loses nothing',
    async () => {
      const cluster = await openCluster(urls())
      const stage = await cluster.create()
      for (const name of names.filter((each) => each !== newest)) {
        await migrate(stage, [...names.slice(0, names.indexOf(name)), name])
        const full = await cluster.create(stage)
        const client = await connect(full)
        await fillTables(client)
        await addSpeakers(client)
        // Placed, so that there is something to book.
        await client.query("UPDATE sessions SET deleted_at = NULL, state = 'accepted'")
        await client.query('UPDATE rooms SET deleted_at = NULL')
        // One that the public saw leaves the programme.
        await client.query(`UPDATE sessions SET state = 'canceled'
          WHERE event_id = (SELECT id FROM events WHERE state = 'published' AND deleted_at IS NULL LIMIT 1)`)
        await requireRowsEverywhere(client)
        const keys = await primaryKeys(client)
        const before = await readRows(client, keys)
        await migrate(full, names)

        const catalog = await readCatalog(client)
        const left = new Map([...keys].filter(([table]) => catalog.has(`table ${table}`)))
        const losses = lossesOf(before, await readRows(client, left), catalog)
        const laws = await brokenLaws(client)
        const kept = await readCatalogFile(migrationsFolder)
        expect({ from: name, catalog, losses, laws }).toEqual({
          from: name,
          catalog: kept,
          losses: [],
          laws: [],
        })
        await client.end()
      }
    },
  )
})

/** Three speakers of one session, in another order than they were made in. */
async function addSpeakers(client: pg.Client): Promise<void> {
  await client.query(`
    WITH added AS (
      INSERT INTO speakers (id, event_id, name, last_modified_at)
      SELECT gen_random_uuid(), event_id, name || number, now()
      FROM (SELECT * FROM speakers ORDER BY id LIMIT 1) one, generate_series(1, 2) AS number RETURNING *
    )
    INSERT INTO session_speakers (event_id, session_id, speaker_id, position)
    SELECT a.event_id, s.id, a.id, -row_number() OVER (ORDER BY a.name)
    FROM added a JOIN sessions s ON s.event_id = a.event_id`)
}

type Rows = ReadonlyMap<string, Readonly<Record<string, unknown>>>

/** The columns of each table's primary key. */
async function primaryKeys(client: pg.Client): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows: tables } = await client.query<{ name: string; key: string[] }>(`
    SELECT c.relname AS name, array_agg(a.attname::text ORDER BY a.attname) AS key
    FROM pg_class c JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey)
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relname <> '_prisma_migrations' GROUP BY 1`)
  return new Map(tables.map(({ name, key }) => [name, key]))
}

/** Every row of the tables, under its table and key: a migration may give a table another key. */
async function readRows(client: pg.Client, keys: ReadonlyMap<string, readonly string[]>): Promise<Rows> {
  const all = new Map<string, Readonly<Record<string, unknown>>>()
  for (const [name, key] of keys) {
    const { rows } = await client.query<{ row: Record<string, unknown> }>(
      `SELECT to_jsonb(t) AS row FROM "${name}" t`,
    )
    for (const { row } of rows) all.set(`${name} ${key.map((column) => String(row[column])).join()}`, row)
  }
  return all
}

/** The rows that are gone, and the values that are others without a reason. */
function lossesOf(before: Rows, after: Rows, catalog: Catalog): string[] {
  return [...before].flatMap(([key, row]) => {
    const table = key.split(' ')[0]!
    // What a migration drops is dropped on purpose.
    if (!catalog.has(`table ${table}`) || derived.includes(table)) return []
    const now = after.get(key)
    if (now === undefined) return [`${key} is gone`]
    return Object.entries(row).flatMap(([column, was]) => {
      if (!(column in now)) return []
      const expected = transformed[`${table}.${column}`]?.(was) ?? was
      return JSON.stringify(now[column]) === JSON.stringify(expected)
        ? []
        : [`${key}: ${column} was ${String(was)}`]
    })
  })
}

/** What holds of all data in the newest schema, whichever migration it comes from. */
async function brokenLaws(client: pg.Client): Promise<unknown[]> {
  const { rows: labels } = await client.query<{ entity: string }>(
    'SELECT unnest(enum_range(NULL::revised_entity))::text AS entity',
  )
  const entities = labels.map(({ entity }) => entity)
  const { rows } = await client.query(
    `
    SELECT 'speaker list' AS law, s.id::text FROM sessions s
    WHERE s.speaker_ids IS DISTINCT FROM coalesce(
      (SELECT array_agg(speaker_id ORDER BY position, speaker_id) FROM session_speakers k WHERE k.session_id = s.id), '{}')
    UNION ALL
    SELECT 'booking', p.id::text FROM placed_sessions() p LEFT JOIN rooms r ON r.id = p.room_id AND r.deleted_at IS NULL
    WHERE (SELECT array_agg(resource_id ORDER BY resource_id) FROM bookings WHERE session_id = p.id AND during = p.during)
      IS DISTINCT FROM (
        SELECT array_agg(id ORDER BY id)
        FROM (SELECT r.id WHERE r.id IS NOT NULL UNION ALL
              SELECT s.id FROM speakers s WHERE s.id = ANY (p.speaker_ids) AND s.deleted_at IS NULL) AS taken
      )
    UNION ALL
    SELECT 'some booking', '' WHERE NOT EXISTS (SELECT FROM bookings)    UNION ALL
    SELECT 'several speakers', '' WHERE NOT EXISTS (SELECT FROM sessions WHERE cardinality(speaker_ids) = 3)
    UNION ALL
    SELECT 'words', t.id::text
    FROM (${['sessions', 'speakers', 'tracks', 'rooms', 'events'].map((table) => `SELECT id FROM ${table}`).join(' UNION ALL ')}) t
    LEFT JOIN search_documents d ON d.id = t.id WHERE coalesce(d.words, '') = ''
    UNION ALL
    SELECT 'commit of each event', e.id::text FROM events e
    WHERE NOT EXISTS (SELECT FROM programme_commits c WHERE c.event_id = e.id)
    UNION ALL
    SELECT 'commit of each revision', r.entity_id::text FROM revisions r
    WHERE (SELECT count(*) FROM programme_commits c
           WHERE c.event_id = r.event_id AND c.change IS NOT DISTINCT FROM r.change) <> 1
    UNION ALL
    SELECT 'token', id::text FROM access_tokens
    WHERE role IS NULL OR last_modified_at IS NULL OR version < 1
    UNION ALL
    SELECT 'history of ' || entity, id::text FROM (
      ${entities
        .map(
          (entity) =>
            `SELECT '${entity}' AS entity, id, version, last_modified_at, to_jsonb(t) AS row FROM ${entity}s t`,
        )
        .join(' UNION ALL ')}
    ) t WHERE NOT EXISTS (
      SELECT FROM rows_as_of(entity::revised_entity, ARRAY[id]) r
      WHERE r.version = t.version AND r.last_modified_at = t.last_modified_at AND row @> jsonb_strip_nulls(r.row_values)
    )
    UNION ALL
    SELECT 'lineage', string_agg(name || ' ' || parent, ',' ORDER BY name) FROM migration_lineage
    HAVING array_agg(name ORDER BY name) <> $1`,
    [names],
  )
  return rows
}

async function migrate(url: string, wanted: readonly string[]): Promise<void> {
  const engine = await openEngine({ url })
  try {
    const migrationDirectories = list.migrationDirectories.filter(({ path: name }) => wanted.includes(name))
    await engine.applyMigrations({
      migrationsList: { ...list, migrationDirectories },
      filters: { externalTables: [], externalEnums: [] },
    })
  } finally {
    await engine.close()
  }
}

/** Databases that are dropped with the test, each a copy of another or empty. */
async function openCluster([superuserUrl, ownerUrl]: string[]) {
  const superuser = new pg.Client({ connectionString: superuserUrl! })
  await superuser.connect()
  const created: string[] = []
  onTestFinished(async () => {
    for (const name of created) await superuser.query(`DROP DATABASE "${name}" WITH (FORCE)`)
    await superuser.end()
  })
  return {
    async create(template?: string): Promise<string> {
      const url = new URL(ownerUrl!)
      const name = `stage_${process.pid}_${created.length}`
      const source = template === undefined ? '' : `TEMPLATE "${new URL(template).pathname.slice(1)}"`
      await superuser.query(`CREATE DATABASE "${name}" ${source} OWNER "${url.username}"`)
      created.push(name)
      url.pathname = `/${name}`
      return url.href
    },
  }
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, options: '-c TimeZone=UTC' })
  client.on('error', () => {})
  await client.connect()
  return client
}
