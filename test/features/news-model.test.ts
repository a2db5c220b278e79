import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { elementsAt, xmlTree } from '../interchange/write/xml-tree.ts'
import { randomOf } from '../random.ts'
import { createWorld, type World } from '../world.ts'
import { createProgramme } from './programme.ts'

/** What people see of a session: a plain model of it, to compare with. */
interface Seen {
  readonly title: string
  readonly state: string
  readonly deleted: boolean
  readonly start: number | null
  readonly end: number | null
  readonly roomId: string | null
}

interface Snapshot {
  /** An instant after its commit and before the next one. */
  readonly at: string
  readonly sessions: ReadonlyMap<string, Seen>
  readonly rooms: ReadonlyMap<string, string>
  readonly gone: ReadonlySet<string>
}

type Audience = 'public' | 'team'

const left = ['canceled', 'withdrawn', 'rejected']

function isSeen(session: Seen | undefined, audience: Audience): session is Seen {
  if (session === undefined || session.deleted) return false
  if (['accepted', 'confirmed'].includes(session.state)) return true
  return audience === 'team' && !left.includes(session.state)
}

interface News {
  readonly kinds: readonly string[]
  readonly title: string
  readonly formerTitle: string | null
  readonly from: object | null
  readonly to: object | null
}

/** What is news between two snapshots, by the id of the session. */
function newsBetween(before: Snapshot, after: Snapshot, audience: Audience): Map<string, News> {
  const news = new Map<string, News>()
  for (const id of new Set([...before.sessions.keys(), ...after.sessions.keys()])) {
    const [was, is] = [before.sessions.get(id), after.sessions.get(id)]
    const place = ({ start, end, roomId }: Seen, { rooms }: Snapshot) => {
      return { startsAt: instantOf(start), endsAt: instantOf(end), room: rooms.get(roomId ?? '') ?? null }
    }
    const [from, to] = [
      isSeen(was, audience) ? place(was, before) : null,
      isSeen(is, audience) ? place(is, after) : null,
    ]
    if (from === null && to === null) continue
    if (from === null) news.set(id, { kinds: ['NEW'], title: is!.title, formerTitle: null, from, to })
    else if (to === null)
      news.set(id, { kinds: ['CANCELED'], title: was!.title, formerTitle: null, from, to })
    else {
      const isMoved = was!.start !== is!.start || was!.end !== is!.end || was!.roomId !== is!.roomId
      const isRenamed = was!.title !== is!.title
      const kinds = [...(isMoved ? ['MOVED'] : []), ...(isRenamed ? ['RENAMED'] : [])]
      const formerTitle = isRenamed ? was!.title : null
      if (kinds.length > 0) news.set(id, { kinds, title: is!.title, formerTitle, from, to })
    }
  }
  return news
}

const instantOf = (milliseconds: number | null) =>
  milliseconds === null ? null : new Date(milliseconds).toISOString()

async function snapshot({ sql }: World): Promise<Snapshot> {
  // Instants are of whole milliseconds, and commits are told apart by them here.
  await sleep(3)
  const [now] = await sql<{ at: Date }>('SELECT clock_timestamp() AS at')
  await sleep(3)
  const sessions = await sql<Seen & { id: string }>(
    `SELECT id, title, state::text, deleted_at IS NOT NULL AS deleted,
            (SELECT r.id FROM rooms r WHERE r.id = room_id AND r.deleted_at IS NULL) AS "roomId",
            (extract(epoch FROM starts_at) * 1000)::float8 AS start, (extract(epoch FROM ends_at) * 1000)::float8 AS "end"
     FROM sessions`,
  )
  const rooms = await sql<{ id: string; name: string; gone: boolean }>(
    'SELECT id, name, deleted_at IS NOT NULL AS gone FROM rooms',
  )
  return {
    at: now!.at.toISOString(),
    sessions: new Map(sessions.map(({ id, ...seen }) => [id, seen])),
    gone: new Set(rooms.flatMap(({ id, gone }) => (gone ? [id] : []))),
    rooms: new Map(rooms.map(({ id, name }) => [id, name])),
  }
}

/** One transaction of some changes by SQL. */
async function change(world: World, eventId: string, random: () => number): Promise<void> {
  const pick = <Value>(values: readonly Value[]) => values[Math.floor(random() * values.length)]!
  const rooms = (await world.sql<{ id: string }>('SELECT id FROM rooms ORDER BY id')).map(({ id }) => id)
  const ids = (await world.sql<{ id: string }>('SELECT id FROM sessions ORDER BY id')).map(({ id }) => id)
  const titles = ['One', 'Two', 'Three']
  const hour = () => `'2027-03-27T${pick(['08', '09', '10'])}:00Z'::timestamptz`
  const change = (set: string) => `UPDATE sessions SET ${set} WHERE id = '${pick(ids)}'`
  const add = () =>
    `INSERT INTO sessions (id, event_id, title, state, last_modified_at)
     VALUES (uuidv7(), '${eventId}', '${pick(titles)}', '${pick(['confirmed', 'draft'])}', now())`
  const changes: readonly (() => string)[] = [
    () => change(`title = '${pick(titles)}'`),
    () => change(`state = '${pick(['draft', 'accepted', 'confirmed', 'canceled', 'withdrawn'])}'`),
    () => change(`starts_at = ${hour()}, ends_at = NULL`),
    () => change(`starts_at = ${hour()}, ends_at = '2027-03-27T${pick(['11', '12'])}:00Z'`),
    () => change('starts_at = NULL, ends_at = NULL'),
    () => change(`room_id = ${pick(['NULL', ...rooms.map((id) => `'${id}'`)])}`),
    () => change(`deleted_at = ${pick(['NULL', 'now()'])}`),
    () => `UPDATE rooms SET deleted_at = ${pick(['NULL', 'now()'])} WHERE id = '${pick(rooms)}'`,
    () => change(`abstract = '${pick(titles)}'`),
    () =>
      `UPDATE rooms SET name = '${pick(['Hall', 'Loft', 'Attic'])} ${pick(['1', '2'])}' WHERE id = '${pick(rooms)}'`,
  ]
  const count = 1 + Math.floor(random() * 4)
  const statements = Array.from({ length: count }, () => (ids.length < 6 ? add() : pick(changes)()))
  await world.sql(`BEGIN; ${statements.join('; ')}; COMMIT`)
}

const summary = `query ($since: DateTime!) { changesSummary(eventSlug: "spring", since: $since) {
  newCount movedCount canceledCount renamedCount
  changes(first: 200) { nodes {
    sessionId kinds title formerTitle from { startsAt endsAt room } to { startsAt endsAt room } } } } }`

test.each([1, 2, 3])(
  'whatever is changed, a summary is what differs between then and now, and the feed what each commit changed (%i)',
  async (seed) => {
    const world = await createWorld()
    const { eventId } = await createProgramme(world)
    const random = randomOf(seed)
    const past = [await snapshot(world)]
    for (let commit = 0; commit < 30; commit += 1) {
      await change(world, eventId, random)
      past.push(await snapshot(world))
    }
    const now = past.at(-1)!
    for (const before of past.filter((_, index) => index % 3 === 0)) {
      for (const [audience, ask] of [
        ['public', world.ask],
        ['team', world.organize],
      ] as const) {
        const { data, errors } = await ask(summary, { since: before.at })
        expect(errors).toBeUndefined()
        const { changes, ...counts } = data.changesSummary
        const found = new Map(
          changes.nodes.map(({ sessionId, ...news }: News & { sessionId: string }) => [sessionId, news]),
        )
        const expected = newsBetween(before, now, audience)
        expect(found).toEqual(expected)
        const count = (kind: string) =>
          [...expected.values()].filter(({ kinds }) => kinds.includes(kind)).length
        expect(counts).toEqual({
          ...{ newCount: count('NEW'), movedCount: count('MOVED') },
          ...{ canceledCount: count('CANCELED'), renamedCount: count('RENAMED') },
        })
      }
    }

    const feed = await (await fetch(`${world.app.url}/events/spring/changes.atom`)).text()
    const told = elementsAt(xmlTree(feed), 'entry').map((entry) => elementsAt(entry, 'title')[0]!.text)
    const commits = past.slice(1).map((after, index) => [past[index]!, after] as const)
    const expected = commits.toReversed().flatMap(([before, after]) => entriesOf(before, after))
    expect(told.length).toBeGreaterThan(10)
    expect(told.map(withoutPlace).toSorted()).toEqual(expected.toSorted())
  },
)

/** What the feed says of a commit, without times and rooms. */
function entriesOf(before: Snapshot, after: Snapshot): string[] {
  const rooms = [...before.rooms].flatMap(([id, name]) => {
    const to = after.rooms.get(id)!
    return name === to || after.gone.has(id) || before.gone.has(id)
      ? []
      : [`The room ${name} is now called ${to}`]
  })
  const sentences: Record<string, (news: News) => string> = {
    NEW: ({ title }) => `New: “${title}”`,
    MOVED: ({ title }) => `“${title}” moved`,
    CANCELED: ({ title }) => `Canceled: “${title}”`,
    RENAMED: ({ title, formerTitle }) => `“${formerTitle}” is now called “${title}”`,
  }
  const sessions = [...newsBetween(before, after, 'public').values()].map((news) =>
    news.kinds.map((kind) => sentences[kind]!(news)).join('; '),
  )
  return [...rooms, ...sessions]
}

const withoutPlace = (title: string) =>
  title.replace(/^(New|Canceled): “(.*?)”.*/, '$1: “$2”').replace(/ moved from [^;]*/, ' moved')
