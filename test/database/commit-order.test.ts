import type pg from 'pg'
import { expect, test } from 'vitest'
import { connect } from '../connection.ts'
import { createProgramme, createSession } from '../features/programme.ts'
import { somebodyWaits } from '../somebody-waits.ts'
import { createWorld, type World } from '../world.ts'

interface Commit extends pg.QueryResultRow {
  readonly event: string
  readonly committed_at: Date
  readonly actor: string | null
  readonly request_id: string | null
  /** The titles that its sessions got; null: none, it is gone. */
  readonly titles: (string | null)[]
}

/** Two sessions of one event and one of another, whose commits aren't told. */
async function scene() {
  const world = await createWorld()
  const [spring, autumn] = [await createProgramme(world), await createProgramme(world, 'autumn')]
  const one = await createSession(world, spring, { title: 'One' })
  const two = await createSession(world, spring, { title: 'Two' })
  const other = await createSession(world, autumn, { title: 'Other' })
  const before = (await commitsOf(world)).length
  const commits = async () => (await commitsOf(world)).slice(before)
  return {
    world,
    one,
    two,
    other,
    commits,
    titles: async () => (await commits()).map(({ titles }) => titles),
    writer: () => connect(world.databaseUrl),
  }
}

function commitsOf(world: World): Promise<Commit[]> {
  return world.sql<Commit>(`
    SELECT e.slug AS event, c.committed_at, c.actor, c.request_id, ARRAY(
      SELECT r.after ->> 'title' FROM revisions r
      WHERE r.change = c.change AND r.event_id = c.event_id AND r.after ? 'title' ORDER BY 1
    ) AS titles FROM programme_commits c JOIN events e ON e.id = c.event_id ORDER BY c.seq`)
}

const rename = (id: string, title: string) => `UPDATE sessions SET title = '${title}' WHERE id = '${id}'`

test('what stamped first and was committed last comes last', async () => {
  const { world, one, two, commits, titles, writer } = await scene()
  const modified = async () =>
    (await world.ask('{ event(slug: "spring") { programmeModifiedAt } }')).data.event.programmeModifiedAt
  const [slow, fast] = [await writer(), await writer()]
  await slow.query(`BEGIN; ${rename(one, 'slow')}`)
  await fast.query(rename(two, 'fast'))
  expect(await titles()).toEqual([['fast']])
  const between = await modified()
  await slow.query('COMMIT')
  expect(await titles()).toEqual([['fast'], ['slow']])
  expect(Date.parse(await modified())).toBeGreaterThan(Date.parse(between))
  const [first, second] = await commits()
  expect(second!.committed_at.getTime()).toBeGreaterThan(first!.committed_at.getTime())
})

/** One has taken its turn and isn't visible yet; another one commits then. */
async function race({ one, two, writer }: Awaited<ReturnType<typeof scene>>) {
  const [first, second] = [await writer(), await writer()]
  await first.query(`BEGIN; ${rename(one, 'first')}; SET CONSTRAINTS ALL IMMEDIATE`)
  return { first, committing: second.query(rename(two, 'second')) }
}

test('a place is not seen before those below it: the next one waits', async () => {
  const given = await scene()
  const { first, committing } = await race(given)
  await somebodyWaits(given.world)
  expect(await given.titles()).toEqual([])
  await first.query('COMMIT')
  await committing
  expect(await given.titles()).toEqual([['first'], ['second']])
})

test('without the turn it would be: the same race then shows the second place alone', async () => {
  const given = await scene()
  const [{ body }] = (await given.world.sql<{ body: string }>(
    `SELECT pg_get_functiondef('take_turns'::regproc) AS body`,
  )) as [{ body: string }]
  const lock = /PERFORM pg_advisory_xact_lock\(.*\);/
  expect(body).toMatch(lock)
  await given.world.sql(body.replace(lock, ''))
  const { first, committing } = await race(given)
  await committing
  expect(await given.titles()).toEqual([['second']])
  await first.query('COMMIT')
})

test('writers of other events do not wait', async () => {
  const { one, other, titles, writer } = await scene()
  const [first, second] = [await writer(), await writer()]
  await first.query(`BEGIN; ${rename(one, 'first')}; SET CONSTRAINTS ALL IMMEDIATE`)
  await second.query(rename(other, 'elsewhere'))
  expect(await titles()).toEqual([['elsewhere']])
  await first.query('COMMIT')
})

test('a commit that waits for a turn too long is given up, and can be tried again', async () => {
  const { world, one, two, titles, writer } = await scene()
  await world.sql(`ALTER FUNCTION take_turns() SET lock_timeout TO '50ms'`)
  const first = await writer()
  await first.query(`BEGIN; ${rename(one, 'first')}; SET CONSTRAINTS ALL IMMEDIATE`)
  const save = () =>
    world.organize(
      `mutation { updateSession(id: "${two}", patch: { title: "second" }) { session { title } } }`,
    )
  const refused = await save()
  expect(refused.errors).toMatchObject([{ extensions: { code: 'UNAVAILABLE' } }])
  await first.query('COMMIT')
  expect((await save()).data.updateSession.session.title).toBe('second')
  expect(await titles()).toEqual([['first'], ['second']])
})

test.each<[string, (ids: { one: string; two: string; other: string }) => string[], (string | null)[][]]>([
  [
    'many statements are one commit',
    ({ one, two }) => ['BEGIN', rename(one, 'a'), rename(two, 'b'), rename(one, 'c'), 'COMMIT'],
    [['b', 'c']],
  ],
  [
    'a savepoint that is rolled back takes its part along',
    ({ one, two }) => ['BEGIN', 'SAVEPOINT s', rename(one, 'a'), 'ROLLBACK TO s', rename(two, 'b'), 'COMMIT'],
    [['b']],
  ],
  [
    'a savepoint that is released is part of it',
    ({ one, two }) => ['BEGIN', rename(two, 'b'), 'SAVEPOINT s', rename(one, 'a'), 'RELEASE s', 'COMMIT'],
    [['a', 'b']],
  ],
  ['a rollback is nothing', ({ one }) => ['BEGIN', rename(one, 'a'), 'ROLLBACK'], []],
  [
    'constraints made immediate, before and between',
    ({ one, two }) => [
      'BEGIN',
      'SET CONSTRAINTS ALL IMMEDIATE',
      rename(one, 'a'),
      'SET CONSTRAINTS ALL DEFERRED',
      rename(two, 'b'),
      'SET CONSTRAINTS ALL IMMEDIATE',
      rename(two, 'c'),
      'COMMIT',
    ],
    [['a', 'c']],
  ],
  [
    'a turn that is rolled back is taken again',
    ({ one }) => [
      'BEGIN',
      'SAVEPOINT s',
      rename(one, 'a'),
      'SET CONSTRAINTS ALL IMMEDIATE',
      'ROLLBACK TO s',
      'SET CONSTRAINTS ALL DEFERRED',
      rename(one, 'b'),
      'COMMIT',
    ],
    [['b']],
  ],
  [
    'several events are a commit in each',
    ({ one, other }) => ['BEGIN', rename(other, 'b'), rename(one, 'a'), 'COMMIT'],
    [['a'], ['b']],
  ],
  [
    'repeatable read',
    ({ one }) => ['BEGIN ISOLATION LEVEL REPEATABLE READ', rename(one, 'a'), 'COMMIT'],
    [['a']],
  ],
  ['serializable', ({ one }) => ['BEGIN ISOLATION LEVEL SERIALIZABLE', rename(one, 'a'), 'COMMIT'], [['a']]],
  [
    'a row that is gone for good',
    ({ one }) => ['DELETE FROM session_speakers', `DELETE FROM sessions WHERE id = '${one}'`],
    [[null]],
  ],
])('%s', async (_what, statements, expected) => {
  const { world, titles, ...ids } = await scene()
  for (const text of statements(ids)) await world.sql(text)
  expect((await titles()).toSorted((a, b) => (String(a) < String(b) ? -1 : 1))).toEqual(expected)
})

test('a commit has who did it, and in which request', async () => {
  const { world, one, commits } = await scene()
  const { headers } = await world.organize(
    `mutation { updateSession(id: "${one}", patch: { title: "x" }) { session { title } } }`,
  )
  await world.sql(rename(one, 'by hand'))
  const [token] = await world.sql('SELECT id FROM access_tokens')
  expect(await commits()).toMatchObject([
    { actor: `token:${token!['id']}`, request_id: headers.get('x-request-id'), titles: ['x'] },
    { actor: null, request_id: null, titles: ['by hand'] },
  ])
})

test('every revision is in one commit, and every commit has one, whatever eight writers do', async () => {
  const { world, one, two, other } = await scene()
  const ids = [one, two, other]
  await Promise.all(
    Array.from({ length: 8 }, async (_, writer) => {
      const client = await connect(world.databaseUrl)
      for (let n = 0; n < 15; n += 1) {
        const [first, second] = [ids[(writer + n) % 3]!, ids[n % 3]!].toSorted()
        const isolation = n % 5 === 0 ? ' ISOLATION LEVEL REPEATABLE READ' : ''
        try {
          await client.query(`BEGIN${isolation}; ${rename(first!, `${writer} ${n}`)}; SAVEPOINT s;
            ${rename(second!, `${writer} ${n} too`)}; ${n % 4 === 0 ? 'ROLLBACK TO s;' : ''} ${n % 7 === 0 ? 'ROLLBACK' : 'COMMIT'}`)
        } catch {
          await client.query('ROLLBACK')
        }
      }
    }),
  )
  const wrong = await world.sql(`
    SELECT 'revision' AS what, r.change FROM revisions r
    WHERE (SELECT count(*) FROM programme_commits c WHERE c.change = r.change AND c.event_id = r.event_id) <> 1
    UNION ALL
    SELECT 'commit', c.change FROM programme_commits c
    WHERE NOT EXISTS (SELECT FROM revisions r WHERE r.change = c.change AND r.event_id = c.event_id)
    UNION ALL
    SELECT 'stamp', c.change FROM (SELECT *, lead(committed_at) OVER (PARTITION BY event_id ORDER BY seq) AS next FROM programme_commits) c
    WHERE c.next < c.committed_at`)
  expect(wrong).toEqual([])
  // Most of them came through.
  const [{ n }] = (await world.sql<{ n: number }>(
    'SELECT count(*)::integer AS n FROM programme_commits',
  )) as [{ n: number }]
  expect(n).toBeGreaterThan(60)
})

test.each([
  ['other ids', `UPDATE sessions SET id = gen_random_uuid()`, 'A row of sessions keeps its id and its event'],
  [
    'another event',
    `UPDATE tracks SET event_id = (SELECT id FROM events WHERE id <> event_id LIMIT 1)`,
    'A row of tracks keeps its id and its event',
  ],
  ['no rows at all', 'TRUNCATE breaks', 'TRUNCATE would delete breaks without a word in their history'],
])('what no history could tell is refused: rows that get %s', async (_what, text, message) => {
  const { world } = await scene()
  await expect(world.sql(text)).rejects.toThrow(message)
})
