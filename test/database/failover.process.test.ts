import { expect, onTestFinished, test } from 'vitest'
import { createApp } from '../../src/app.ts'
import { createLog } from '../../src/log.ts'
import { query } from '../connection.ts'
import {
  type ServerPostgres,
  serverPostgresPrograms,
  startServerPostgres,
  startStandby,
} from '../server-postgres.ts'

const isMissing = serverPostgresPrograms() === null

async function serve(databaseUrl: string, migrateOnStart: boolean): Promise<string> {
  const app = await createApp({
    databaseUrl,
    migrateOnStart,
    host: '127.0.0.1',
    port: 0,
    oidc: null,
    log: createLog('silent'),
  })
  onTestFinished(() => app.close())
  return app.url
}

interface Page {
  readonly titles: string[]
  readonly cursor: string
}

/** Reads a chain on, as anybody. @returns what came, or the code of the error */
async function read(url: string, after: string | null): Promise<Page | string> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      query: `query ($after: String) { sessionChanges(eventSlug: "spring", after: $after) { cursor changes { session { title } } } }`,
      variables: { after },
    }),
  })
  const { data, errors } = (await response.json()) as {
    data: { sessionChanges: { cursor: string; changes: { session: { title: string } }[] } }
    errors?: { extensions: { code: string } }[]
  }
  if (errors !== undefined) return errors[0]!.extensions.code
  const { changes, cursor } = data.sessionChanges
  return { titles: changes.map(({ session }) => session.title), cursor }
}

async function started(start: Promise<ServerPostgres>): Promise<ServerPostgres> {
  const server = await start
  onTestFinished(() => server.stop())
  return server
}

async function untilCaughtUp(primary: ServerPostgres, standby: ServerPostgres): Promise<void> {
  const [{ lsn }] = (await query<{ lsn: string }>(
    primary.superuserUrl,
    'SELECT pg_current_wal_lsn() AS lsn',
  )) as [{ lsn: string }]
  await expect
    .poll(() => query(standby.superuserUrl, `SELECT pg_last_wal_replay_lsn() >= '${lsn}' AS is_there`), {
      timeout: 60_000,
    })
    .toEqual([{ is_there: true }])
}

test.skipIf(isMissing)(
  `a cursor goes on at a standby, waits for it, and notices what a failover lost${isMissing ? ' (skipped: no PostgreSQL of Debian)' : ''}`,
  async () => {
    const primary = await started(startServerPostgres())
    const first = await serve(primary.url, true)
    await query(
      primary.url,
      `INSERT INTO events (id, slug, name, time_zone, starts_at, ends_at, state, last_modified_at)
       VALUES (gen_random_uuid(), 'spring', 'Spring', 'UTC', '2027-03-27', '2027-03-28', 'published', now());
       INSERT INTO sessions (id, event_id, title, state, last_modified_at)
       SELECT gen_random_uuid(), id, 'One', 'confirmed', now() FROM events`,
    )
    const standby = await started(startStandby(primary))
    await untilCaughtUp(primary, standby)
    const second = await serve(standby.url, false)
    const begun = (await read(first, null)) as Page
    expect(begun.titles).toEqual(['One'])
    expect(await read(second, begun.cursor)).toMatchObject({ titles: [] })

    // From here on the standby gets nothing.
    await query(standby.superuserUrl, `ALTER SYSTEM SET primary_conninfo = ''`)
    await query(standby.superuserUrl, 'SELECT pg_reload_conf()')
    await expect
      .poll(() => query(standby.superuserUrl, 'SELECT FROM pg_stat_wal_receiver'), { timeout: 60_000 })
      .toEqual([])
    await query(primary.url, `UPDATE sessions SET title = 'Lost'`)
    const lost = (await read(first, begun.cursor)) as Page
    expect(lost.titles).toEqual(['Lost'])
    expect(await read(second, lost.cursor)).toBe('UNAVAILABLE')

    await primary.stop()
    await query(standby.superuserUrl, 'SELECT pg_promote()')
    expect(await read(second, lost.cursor)).toBe('RESYNC')
    await query(standby.url, `UPDATE sessions SET title = 'Kept'`)
    expect(await read(second, lost.cursor)).toBe('RESYNC')
    expect(await read(second, begun.cursor)).toMatchObject({ titles: ['Kept'] })
  },
)
