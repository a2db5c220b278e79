import { onTestFinished } from 'vitest'
import { createApp } from '../../src/app.ts'
import { createLog } from '../../src/log.ts'
import { createProgramme, createSession, type Programme } from '../features/programme.ts'
import { lastingIssuer } from '../issuer.ts'
import { createWorld, type World } from '../world.ts'

/** A server that compiles its reads and one that doesn't, on one database. */
export interface BothWays {
  readonly world: World
  /** The programmes: one with odd values, a usual one, and a draft. */
  readonly programmes: readonly Programme[]
  /** Who asks: their names to what they send. */
  readonly viewers: Readonly<Record<string, string | undefined>>
  /** What each of them answers, byte for byte; the one that compiles also when it is asked again, which it knows by then. */
  ask(
    viewer: string,
    query: string,
    variables?: object,
  ): Promise<Record<'compiled' | 'again' | 'usual', string>>
  /** How many queries were answered in each way so far: 'compiled', or why not. */
  counted(): Promise<Map<string, number>>
}

const members = ['OWNER', 'TRACK_ORGANIZER', 'REVIEWER'] as const

export async function createBothWays(): Promise<BothWays> {
  const issuer = await lastingIssuer()
  const world = await createWorld({ oidc: issuer, metrics: { host: '127.0.0.1', port: 0 } })
  const usual = await createApp({
    databaseUrl: world.databaseUrl,
    migrateOnStart: false,
    host: '127.0.0.1',
    port: 0,
    oidc: issuer,
    rateLimits: { perAddress: 0, perUser: 0, perToken: 0 },
    log: createLog('silent'),
    compiledReads: false,
  })
  onTestFinished(() => usual.close())
  const odd = await createProgramme(world, 'odd')
  const programmes = [odd, await createProgramme(world, 'usual'), await createProgramme(world, 'draft')]
  for (const programme of programmes) await fill(world, programme)
  await makeOdd(world, odd)
  const viewers: Record<string, string | undefined> = { anonymous: undefined, organizer: world.token }
  const { db } = world.operator
  for (const role of members) {
    const [first, , third] = programmes
    const memberships = {
      create: [first!, third!].map(({ eventId, tracks }) => ({
        eventId,
        role,
        trackIds: role === 'TRACK_ORGANIZER' ? [tracks[0]!] : [],
      })),
    }
    await db.user.create({ data: { issuer: issuer.issuer, subject: role, memberships } })
    viewers[role] = await issuer.sign({ sub: role })
  }
  const speakers = { connect: [{ id: odd.speakers[0]! }] }
  await db.user.create({ data: { issuer: issuer.issuer, subject: 'SPEAKER', speakers } })
  viewers['SPEAKER'] = await issuer.sign({ sub: 'SPEAKER' })

  const ask = async (url: string, viewer: string, query: string, variables?: object) => {
    const bearer = viewers[viewer]
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      },
      body: JSON.stringify({ query, variables }),
    })
    const type = response.headers.get('content-type')
    return `${response.status} ${type}\n${withoutIds(await response.text())}`
  }
  return {
    world,
    programmes,
    viewers,
    ask: async (viewer, query, variables) => ({
      compiled: await ask(world.app.url, viewer, query, variables),
      again: await ask(world.app.url, viewer, query, variables),
      usual: await ask(usual.url, viewer, query, variables),
    }),
    counted: async () => {
      const text = await (await fetch(world.app.metricsUrl!)).text()
      const lines = text.matchAll(/^open_event_compiled_reads_total\{how="([^"]*)"\} (\d+)$/gm)
      return new Map([...lines].map(([, how, count]) => [how!, Number(count)]))
    },
  }
}

/** What masks an error has an id of its own each time. */
function withoutIds(text: string): string {
  return text.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=[^{}]{0,20}"(errorId|\}))/g, '(id)')
}

async function fill(world: World, programme: Programme): Promise<void> {
  const { tracks, rooms, types, speakers } = programme
  const states = ['CONFIRMED', 'ACCEPTED', 'PENDING', 'DRAFT'] as const
  for (let n = 0; n < 12; n += 1) {
    const hour = `${9 + (n % 6)}`.padStart(2, '0')
    await createSession(world, programme, {
      title: `Talk ${n % 5}`,
      subtitle: n % 3 === 0 ? `About ${n}` : null,
      abstract: n % 2 === 0 ? 'Some "quoted" \\ words\nin two lines' : null,
      language: ['en', 'de', null][n % 3],
      level: (['BEGINNER', 'EXPERT', null] as const)[n % 3],
      state: states[n % 4],
      trackId: [tracks[0], tracks[1], null][n % 3],
      roomId: [rooms[0], rooms[1]][n % 2],
      sessionTypeId: n % 4 === 0 ? null : types[n % 2],
      speakerIds: [[speakers[0]], [speakers[1], speakers[0]], []][n % 3],
      ...(n % 5 === 4
        ? {}
        : { startsAt: `2027-03-27T${hour}:00:00+01:00`, endsAt: `2027-03-27T${hour}:30:00.123+01:00` }),
    })
  }
  const { eventId } = programme
  await world.sql(
    `INSERT INTO breaks (id, event_id, name, starts_at, ends_at, room_id)
     SELECT gen_random_uuid(), $1, 'Lunch ' || n, '2027-03-27 11:00Z', '2027-03-27 12:00Z', room
     FROM unnest(ARRAY[NULL, $2, $3]::uuid[]) WITH ORDINALITY AS r(room, n)`,
    [eventId, rooms[0], rooms[1]],
  )
  await world.sql(
    `UPDATE rooms SET open_from = ARRAY['2027-03-27 08:00Z','2027-03-28 08:00Z']::timestamptz[],
       open_until = ARRAY['2027-03-27 18:00Z','2027-03-28 18:00Z']::timestamptz[] WHERE id = $1`,
    [rooms[0]],
  )
  await world.sql(
    `UPDATE speakers SET available_from = ARRAY['2027-03-27 08:00Z']::timestamptz[],
       available_until = ARRAY['2027-03-27 18:00Z']::timestamptz[], photo_url = 'https://example.org/a.png',
       links = '[{"url": "https://example.org/a", "kind": "SOCIAL"}]' WHERE id = $1`,
    [speakers[0]],
  )
}

/** Values that nobody can send, and that rows have all the same; deleted parts; a draft. */
async function makeOdd(world: World, { eventId, tracks, rooms, speakers }: Programme): Promise<void> {
  await world.sql("UPDATE events SET state = 'draft' WHERE slug = 'draft'")
  const nth = (n: number) =>
    `(SELECT id FROM sessions WHERE event_id = '${eventId}' ORDER BY id OFFSET ${n} LIMIT 1)`
  const odd: [number, string][] = [
    [0, `title = E'\\x01 1 \\x02 \\u2028 "\\\\ 😀 \\t'`],
    [1, `subtitle = E'\\x7f</script>''$1'`],
    [2, `starts_at = '2027-03-28 01:30:00.999Z', ends_at = NULL`],
    [3, `starts_at = '1969-12-31 23:59:59.999Z', ends_at = '1970-01-01 00:00:00.001Z'`],
    [6, `state = 'canceled'`],
    [4, `deleted_at = '2027-01-01Z'`],
    [
      7,
      `links = '[{"url": "https://example.org/\\"x", "title": "a\\nb", "kind": "LATER", "more": 1}, {"url": "y"}]'`,
    ],
    [
      8,
      `links = '[{"kind": "VIDEO"}, {"url": null}, {"url": "https://example.org", "title": null, "kind": "VIDEO"}]'`,
    ],
    [5, `language = E'\\n', description = repeat('ä', 3000)`],
  ]
  for (const [n, set] of odd) await world.sql(`UPDATE sessions SET ${set} WHERE id = ${nth(n)}`)
  await world.sql(
    `UPDATE events SET venue = '{"name": "Hall \\"1\\"", "latitude": 0.000012, "longitude": -13.4}' WHERE id = $1`,
    [eventId],
  )
  await world.sql("UPDATE tracks SET deleted_at = '2027-01-01Z' WHERE id = $1", [tracks[1]])
  await world.sql("UPDATE rooms SET deleted_at = '2027-01-01Z' WHERE id = $1", [rooms[1]])
  await world.sql("UPDATE speakers SET deleted_at = '2027-01-01Z' WHERE id = $1", [speakers[1]])
}
