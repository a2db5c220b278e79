import { describe, expect, test } from 'vitest'
import { mintToken, organizerOfEverything } from '../../src/access/tokens.ts'
import { prune } from '../../src/features/history/history.retention.ts'
import { connect } from '../connection.ts'
import { createWorld, type World } from '../world.ts'
import { Copy, type Entry, readFeed } from './copy.ts'
import { createProgramme, createSession } from './programme.ts'

/** Two public sessions and a draft; Ada, who is a user, speaks in the first and in the draft. */
async function scene() {
  const world = await createWorld()
  const programme = await createProgramme(world)
  const [ada, bo] = programme.speakers
  const session = (input: object) => createSession(world, programme, input)
  const one = await session({ title: 'One', speakerIds: [ada], roomId: programme.rooms[0] })
  const two = await session({ title: 'Two', trackId: programme.tracks[0] })
  const draft = await session({ title: 'Draft', state: 'PENDING', speakerIds: [ada, bo] })
  const [user] = await world.sql<{ id: string }>(
    `INSERT INTO users (id, issuer, subject, last_modified_at) VALUES (gen_random_uuid(), 'i', 'ada', now()) RETURNING id`,
  )
  await world.sql('UPDATE speakers SET user_id = $1 WHERE id = $2', [user!.id, ada])
  const { token } = await mintToken(world.operator.db, {
    ...organizerOfEverything,
    role: null,
    userId: user!.id,
    label: 'ada',
  })
  const asAda: World['organize'] = (query, variables) =>
    world.ask(query, variables, { authorization: `Bearer ${token}` })
  return { world, programme, one, two, draft, ada: ada!, bo: bo!, asAda, sql: world.sql }
}

type Scene = Awaited<ReturnType<typeof scene>>

const told = (entries: readonly Entry[]) =>
  entries.map(({ id, operation, version, node, transactionEnds }) => ({
    id,
    operation,
    version,
    isThere: node !== null,
    transactionEnds,
  }))

const gone = `date_trunc('milliseconds', now())`

describe('long texts', () => {
  const page = (selection: string) =>
    `{ sessionChanges(eventSlug: "spring", first: 200) { changes { session { ${selection} } } hasMore } }`

  async function longScene(): Promise<World> {
    const world = await createWorld()
    const { eventId } = await createProgramme(world)
    await world.sql(
      `INSERT INTO sessions (id, event_id, title, abstract, state, last_modified_at)
       SELECT gen_random_uuid(), '${eventId}', 'Long', repeat('x', 100000), 'confirmed', now() FROM generate_series(1, 70)`,
    )
    await world.sql(`UPDATE speakers SET biography = repeat('x', 100000)`)
    await world.sql(
      `INSERT INTO session_speakers (event_id, session_id, speaker_id, position)
       SELECT s.event_id, s.id, p.id, row_number() OVER (PARTITION BY s.id ORDER BY p.id) FROM sessions s, speakers p`,
    )
    return world
  }

  test("aren't read for a page that doesn't show them", async () => {
    const { ask } = await longScene()
    const { data, errors } = await ask(page('id track { name } speakers { name }'))
    expect(errors).toBeUndefined()
    expect(data.sessionChanges).toMatchObject({ changes: { length: 70 }, hasMore: false })
  })

  test.each(['abstract', 'abstractText(maxLength: 10)', 'speakers { biography }'])(
    'of more than an answer may have are refused: %s',
    async (selection) => {
      const { ask } = await longScene()
      const { errors } = await ask(page(selection))
      expect(errors).toMatchObject([
        {
          message: 'The query reads more than 6 MB of texts. Ask for less, or in several requests.',
          extensions: { code: 'QUERY_TOO_COMPLEX' },
        },
      ])
    },
  )
})

describe('a chain', () => {
  test('begins with all that the viewer sees, and goes on with each change once, in commit order', async () => {
    const { world, one, two, draft } = await scene()
    const copy = new Copy(world.organize, 'sessions', 2)
    expect(told(await copy.catchUp())).toEqual(
      [one, two, draft].map((id) => ({
        id,
        operation: 'CREATED',
        version: 1,
        isThere: true,
        transactionEnds: id === draft,
      })),
    )
    const slow = await connect(world.databaseUrl)
    await slow.query(`BEGIN; UPDATE sessions SET title = 'slow' WHERE id = '${one}'`)
    await world.sql(`UPDATE sessions SET title = 'fast' WHERE id = $1`, [two])
    await world.sql(`UPDATE sessions SET title = 'faster' WHERE id = $1`, [two])
    const first = await copy.catchUp()
    await slow.query('COMMIT')
    const all = [...first, ...(await copy.catchUp()), ...(await copy.catchUp())]
    expect(told(all)).toEqual([
      { id: two, operation: 'UPDATED', version: 2, isThere: true, transactionEnds: true },
      { id: two, operation: 'UPDATED', version: 3, isThere: true, transactionEnds: true },
      { id: one, operation: 'UPDATED', version: 2, isThere: true, transactionEnds: true },
    ])
    expect(copy.rows.get(one)).toMatchObject({
      title: 'slow',
      room: { name: 'Hall' },
      speakers: [{ name: 'Ada' }],
    })
  })

  test('marks where a transaction ends, on whatever page', async () => {
    const { world, one, two, draft } = await scene()
    const copy = new Copy(world.organize, 'sessions', 1)
    await copy.catchUp()
    await world.sql(`UPDATE rooms SET name = 'x'; UPDATE sessions SET title = 'swapped'`)
    await world.sql(`UPDATE sessions SET title = 'alone' WHERE id = $1`, [one])
    expect(told(await copy.catchUp()).map(({ id, transactionEnds }) => [id, transactionEnds])).toEqual([
      [one, false],
      [two, false],
      [draft, true],
      [one, true],
    ])
  })

  test('loses nothing where places in the commit order get a digit more, on pages of whatever size', async () => {
    const { world } = await scene()
    const sizes = [1, 2, 3, 4, 5, 6, 7]
    const copies = sizes.map((size) => new Copy(world.organize, 'sessions', size))
    for (const copy of copies) await copy.catchUp()
    await world.sql(`SELECT setval('programme_places', 97)`)
    for (let n = 1; n <= 5; n += 1) await world.sql(`UPDATE sessions SET title = 'Title ${n}'`)
    for (const [index, copy] of copies.entries()) {
      const changes = told(await copy.catchUp())
      expect({
        size: sizes[index],
        versions: changes.map(({ version }) => version),
        ends: changes.map(({ transactionEnds }) => transactionEnds),
      }).toEqual({
        size: sizes[index],
        versions: [2, 3, 4, 5, 6].flatMap((version) => [version, version, version]),
        ends: [1, 2, 3, 4, 5].flatMap(() => [false, false, true]),
      })
    }
  })

  test('goes on behind each change by the cursor of that', async () => {
    const { world } = await scene()
    const { cursor } = await readFeed(world.organize, 'sessions')
    await world.sql(`UPDATE sessions SET title = 'x'`)
    await world.sql(`UPDATE sessions SET title = 'y'`)
    const { changes } = await readFeed(world.organize, 'sessions', { after: cursor })
    expect(changes).toHaveLength(6)
    for (const [index, change] of changes.entries()) {
      const rest = await readFeed(world.organize, 'sessions', { after: change.cursor })
      expect(rest.changes).toEqual(changes.slice(index + 1))
    }
  })

  test('can begin behind an instant', async () => {
    const { world, one, two } = await scene()
    await world.sql(`UPDATE sessions SET title = 'x' WHERE id = $1`, [one])
    const [{ moment }] = (await world.sql<{ moment: Date }>(
      'SELECT max(committed_at) AS moment FROM programme_commits',
    )) as [{ moment: Date }]
    await world.sql(`UPDATE sessions SET title = 'x' WHERE id = $1`, [two])
    const since = (instant: Date) => readFeed(world.organize, 'sessions', { since: instant.toISOString() })
    expect(told((await since(moment)).changes).map(({ id }) => id)).toEqual([two])
    expect((await since(new Date('2020-01-01'))).changes.length).toBe(5)
    expect((await since(new Date('2100-01-01'))).changes).toEqual([])
  })

  test('is a page in one statement, and in one more for what lies behind its rows', async () => {
    const { world } = await scene()
    const { cursor } = await readFeed(world.ask, 'programme')
    await world.sql(`UPDATE sessions SET title = 'x'; UPDATE rooms SET name = 'y'`)
    const page = await readFeed(world.ask, 'programme', { after: cursor })
    expect([page.changes.length, page.statements]).toEqual([4, 1])
    const behind = await world.ask(
      `query ($after: String!) { sessionChanges(eventSlug: "spring", after: $after) {
        changes { session { track { sessions { nodes { title } } } } } } }`,
      { after: (await readFeed(world.ask, 'sessions', { since: '2020-01-01T00:00:00Z', first: 1 })).cursor },
    )
    expect(behind.data.sessionChanges.changes).toContainEqual({
      session: { track: { sessions: { nodes: [{ title: 'x' }] } } },
    })
    expect(behind.statements).toBe(2)
  })

  test('tells strangers nothing of drafts, not even that somebody is at work', async () => {
    const { world, draft } = await scene()
    const before = await readFeed(world.ask, 'sessions')
    await world.sql(`UPDATE sessions SET title = 'x' WHERE id = $1`, [draft])
    const after = await readFeed(world.ask, 'sessions', { after: before.cursor })
    expect(after).toMatchObject({
      changes: [],
      cursor: before.cursor,
      hasMore: false,
      checksum: before.checksum,
    })
  })
})

describe('what the viewer no longer sees is a tombstone:', () => {
  const cases: [
    string,
    'sessions' | 'programme',
    (scene: Scene) => [string, ...string[]],
    (scene: Scene) => string[],
    (scene: Scene) => string[],
  ][] = [
    [
      'a deleted session',
      'sessions',
      ({ one }) => [`UPDATE sessions SET deleted_at = ${gone} WHERE id = '${one}'`],
      ({ one }) => [one],
      () => [],
    ],
    [
      'a session that is gone for good',
      'sessions',
      ({ two }) => [`DELETE FROM sessions WHERE id = '${two}'`],
      ({ two }) => [two],
      () => [],
    ],
    [
      'a session that is canceled',
      'sessions',
      ({ two }) => [`UPDATE sessions SET state = 'canceled' WHERE id = '${two}'`],
      ({ two }) => [two],
      () => [],
    ],
    [
      'a session that was shown between two pages',
      'sessions',
      ({ draft }) => [
        `UPDATE sessions SET state = 'confirmed' WHERE id = '${draft}'`,
        `UPDATE sessions SET state = 'pending' WHERE id = '${draft}'`,
      ],
      ({ draft }) => [draft, draft],
      () => [],
    ],
    [
      'the speaker of a session that is canceled',
      'programme',
      ({ one }) => [`UPDATE sessions SET state = 'canceled' WHERE id = '${one}'`],
      ({ one, ada }) => [one, ada],
      () => [],
    ],
    [
      'a speaker who is taken off',
      'programme',
      ({ one }) => [`DELETE FROM session_speakers WHERE session_id = '${one}'`],
      ({ ada }) => [ada],
      ({ one }) => [one],
    ],
    [
      'a speaker who is deleted',
      'programme',
      ({ ada }) => [`UPDATE speakers SET deleted_at = ${gone} WHERE id = '${ada}'`],
      ({ ada }) => [ada],
      () => [],
    ],
    [
      'a room, and its break',
      'programme',
      ({ programme }) => [`UPDATE rooms SET deleted_at = ${gone} WHERE id = '${programme.rooms[1]}'`],
      ({ programme }) => [programme.rooms[1]!, lunch],
      () => [],
    ],
    [
      'none for who comes with a session',
      'programme',
      ({ draft }) => [`UPDATE sessions SET state = 'confirmed' WHERE id = '${draft}'`],
      () => [],
      ({ draft, ada, bo }) => [draft, ada, bo],
    ],
    [
      'none for a speaker whom nobody sees',
      'programme',
      ({ bo }) => [`UPDATE speakers SET deleted_at = ${gone} WHERE id = '${bo}'`],
      () => [],
      () => [],
    ],
  ]
  const lunch = '00000000-0000-7000-8000-000000000001'
  test.each(cases)('%s', async (_what, feed, act, gones, theres) => {
    const given = await scene()
    const { world, programme } = given
    await world.sql(
      `INSERT INTO breaks (id, event_id, room_id, name, starts_at, ends_at, last_modified_at)
       VALUES ('${lunch}', $1, $2, 'Lunch', '2027-03-27T12:00Z', '2027-03-27T13:00Z', now())`,
      [programme.eventId, programme.rooms[1]],
    )
    const copy = new Copy(world.ask, feed)
    await copy.catchUp()
    for (const text of act(given)) await world.sql(text)
    const entries = await copy.catchUp()
    const ids = (isThere: boolean) =>
      entries
        .filter(({ node }) => (node !== null) === isThere)
        .map(({ id }) => id)
        .toSorted()
    expect([ids(false), ids(true)]).toEqual([gones(given).toSorted(), theres(given).toSorted()])
    expect(copy.ownChecksum()).toBe(copy.checksum)
  })
})

test('every copy ends as a new one begins, whoever reads and whatever happens', async () => {
  const given = await scene()
  const { world, asAda, one, two, draft, ada, bo, programme } = given
  const readers = { everybody: world.ask, ada: asAda, organizer: world.organize }
  const copies = Object.entries(readers).flatMap(([who, ask]) =>
    (['sessions', 'programme'] as const).map((feed) => ({ who, ask, feed, copy: new Copy(ask, feed, 3) })),
  )
  for (const { copy } of copies) await copy.catchUp()
  const link = (session: string, speaker: string) =>
    `INSERT INTO session_speakers (event_id, session_id, speaker_id, position) VALUES ('${programme.eventId}', '${session}', '${speaker}', 9)`
  const steps = [
    `UPDATE sessions SET title = 'x'`,
    `UPDATE sessions SET state = 'confirmed' WHERE id = '${draft}'`,
    `UPDATE sessions SET state = 'rejected' WHERE id = '${draft}'; UPDATE sessions SET state = 'pending' WHERE id = '${two}'`,
    `DELETE FROM session_speakers WHERE speaker_id = '${ada}'`,
    link(two, bo),
    link(draft, ada),
    `UPDATE sessions SET state = 'accepted' WHERE id = '${two}'`,
    `UPDATE speakers SET name = name || '!'`,
    `UPDATE sessions SET deleted_at = ${gone} WHERE id IN ('${one}', '${draft}')`,
    `UPDATE rooms SET deleted_at = ${gone}; UPDATE tracks SET name = 'T'`,
    `UPDATE sessions SET deleted_at = NULL; UPDATE rooms SET deleted_at = NULL`,
    `INSERT INTO sessions (id, event_id, title, state, last_modified_at) SELECT gen_random_uuid(), id, 'New', 'confirmed', now() FROM events, generate_series(1, 7)`,
    `DELETE FROM sessions WHERE title = 'New'; UPDATE events SET name = 'Renamed'`,
  ]
  for (const [index, step] of steps.entries()) {
    await world.sql(step)
    for (const { who, ask, feed, copy } of copies) {
      // Some read each step, some several at once.
      if (who === 'ada' && index % 3 !== 0 && index < steps.length - 1) continue
      await copy.catchUp()
      const anew = new Copy(ask, feed)
      await anew.catchUp()
      const sorted = ({ rows }: Copy) => [...rows.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1))
      // What a session only refers to has changes of its own.
      const own = ({ room: _room, speakers: _speakers, ...values }: Record<string, unknown>) => values
      expect({ who, feed, step, rows: sorted(copy).map(own) }).toEqual({
        who,
        feed,
        step,
        rows: sorted(anew).map(own),
      })
      expect(copy.ownChecksum()).toBe(copy.checksum)
    }
  }
  // The organizer sees every session whatever becomes of it, so each change of one is told once.
  const { copy: all } = copies.find(({ who, feed }) => who === 'organizer' && feed === 'sessions')!
  const changes = all.entries
    .filter(({ operation }) => operation !== 'CREATED')
    .map(({ id, version }) => `${id} ${version}`)
  expect(new Set(changes).size).toBe(changes.length)
})

describe('a chain that can not be continued is RESYNC:', () => {
  const anew = { after: null }
  test.each<
    [
      string,
      (
        scene: Scene,
        cursor: string,
      ) => Promise<{
        ask?: World['organize']
        feed?: 'programme'
        slug?: string
        after?: string
        since?: string
      } | void>,
    ]
  >([
    ['of another feed', async () => ({ feed: 'programme' })],
    [
      'of another event',
      async ({ world }) => {
        await world.sql(`UPDATE events SET slug = 'winter'`)
        // Nobody else may take a slug that an event had.
        await world.sql(`UPDATE events SET former_slugs = '{}'`)
        await createProgramme(world)
      },
    ],
    ['with other rights', async ({ world }) => ({ ask: world.organize })],
    [
      'of another database',
      async ({ world }) => void (await world.sql(`UPDATE cursor_keys SET key = sha256('x')`)),
    ],
    [
      'changed by hand',
      async (_scene, cursor) => ({ after: cursor.replace(/\..*/, '.AAAAAAAAAAAAAAAAAAAAAA') }),
    ],
    [
      'of a place that was given again',
      async ({ world }) => {
        await world.sql(`BEGIN; SET LOCAL open_event.history_maintenance = 'on';
          UPDATE programme_commits SET token = gen_random_uuid(); COMMIT`)
      },
    ],
    [
      'older than the history',
      async ({ world }) => {
        await world.sql(`UPDATE sessions SET title = 'x'`)
        await world.sql(`UPDATE sessions SET title = 'y'`)
        await world.sql(`UPDATE sessions SET title = 'z'`)
        await prune(world.operator, { before: new Date(), eventSlug: null })
      },
    ],
    [
      'of an event that was hidden since',
      async ({ world }) => {
        await world.sql(`UPDATE events SET state = 'draft'`)
        await world.sql(`UPDATE events SET state = 'published'`)
      },
    ],
  ])('one %s', async (_what, act) => {
    const given = await scene()
    const { cursor } = await readFeed(given.world.ask, 'sessions')
    const { ask = given.world.ask, feed = 'sessions', after = cursor } = (await act(given, cursor)) ?? {}
    const refused = readFeed(ask, feed, { after })
    await expect(refused).rejects.toThrow(/"code":"RESYNC"/)
    await expect(readFeed(ask, feed, { after })).rejects.toThrow(/begin a new chain without/)
    await expect(readFeed(ask, feed, anew)).resolves.toMatchObject({ hasMore: false })
  })

  test('a chain of an instant that the history does not reach', async () => {
    const { world } = await scene()
    await world.sql(`UPDATE sessions SET title = 'x'`)
    await world.sql(`UPDATE sessions SET title = 'y'`)
    await prune(world.operator, { before: new Date(), eventSlug: null })
    await expect(readFeed(world.ask, 'sessions', { since: '2020-01-01T00:00:00Z' })).rejects.toThrow(/RESYNC/)
  })

  test('not one that stands where what was pruned ends', async () => {
    const { world } = await scene()
    await world.sql(`UPDATE sessions SET title = 'x'`)
    const { cursor } = await readFeed(world.ask, 'sessions')
    await world.sql(`UPDATE sessions SET title = 'y'`)
    await prune(world.operator, { before: new Date(), eventSlug: null })
    expect((await readFeed(world.ask, 'sessions', { after: cursor })).changes).toHaveLength(2)
  })
})

test.each([
  ['no cursor at all', '(eventSlug: "spring", after: "abc")', 'BAD_USER_INPUT'],
  [
    'a list of other things',
    `(eventSlug: "spring", after: "${Buffer.from('[1]').toString('base64url')}.x")`,
    'BAD_USER_INPUT',
  ],
  ['no page', '(eventSlug: "spring", first: 0)', 'BAD_USER_INPUT'],
  ['too large a page', '(eventSlug: "spring", first: 201)', 'BAD_USER_INPUT'],
  ['two beginnings', '(eventSlug: "spring", after: "abc", since: "2020-01-01T00:00:00Z")', 'BAD_USER_INPUT'],
  ['an event that is not there', '(eventSlug: "nowhere")', 'NOT_FOUND'],
])('%s is refused', async (_what, argumentsText, code) => {
  const world = await createWorld()
  await createProgramme(world)
  const { errors } = await world.ask(`{ sessionChanges${argumentsText} { cursor } }`)
  expect(errors).toMatchObject([{ extensions: { code } }])
})

test('an event that is hidden is not found, and its feed neither', async () => {
  const { world } = await scene()
  const { cursor } = await readFeed(world.ask, 'sessions')
  await world.sql(`UPDATE events SET state = 'draft'`)
  await expect(readFeed(world.ask, 'sessions', { after: cursor })).rejects.toThrow(/NOT_FOUND/)
})
