import { describe, expect, test } from 'vitest'
import { createWorld, type World } from '../world.ts'
import { createProgramme, createSession, type Programme } from './programme.ts'

const schedulePage = `query ($slug: String!, $first: Int) {
  event(slug: $slug) {
    sessions(first: $first) {
      nodes { title startsAt track { name } room { name } speakers { name } }
    }
  }
}`

describe('a schedule page', () => {
  test('of 100 sessions with track, room and speakers is one SQL statement', async () => {
    const world = await createWorld()
    const programme = await createProgramme(world)
    await manySessions(world, programme, 100)

    const { data, statements, errors } = await world.ask(schedulePage, { slug: 'spring', first: 100 })

    expect(errors).toBeUndefined()
    expect(statements).toBe(1)
    expect(data.event.sessions.nodes).toHaveLength(100)
    expect(data.event.sessions.nodes[7]).toEqual({
      title: 'Talk 007',
      startsAt: '2027-03-27T09:07:00.000Z',
      track: { name: 'Data' },
      room: { name: 'Attic' },
      speakers: [{ name: 'Ada' }, { name: 'Bo' }],
    })
  })

  test('with its total and its cursors is still one statement', async () => {
    const world = await createWorld()
    await manySessions(world, await createProgramme(world), 5)
    const { data, statements } = await world.ask(`{ event(slug: "spring") {
      name sessions(first: 2) { totalCount pageInfo { hasNextPage endCursor } edges { cursor node { title } } } } }`)
    expect(statements).toBe(1)
    expect(data.event.sessions).toMatchObject({ totalCount: 5, pageInfo: { hasNextPage: true } })
    expect(data.event.sessions.edges.at(-1).cursor).toBe(data.event.sessions.pageInfo.endCursor)
  })

  test('fetches no column that was not asked for', async () => {
    const world = await createWorld()
    await manySessions(world, await createProgramme(world), 1)
    const sql = await statementsOf(world, () =>
      world.ask(`{ event(slug: "spring") { sessions { nodes { title room { name } } } } }`),
    )
    expect(sql).toHaveLength(1)
    for (const column of [
      'abstract',
      'description',
      'language',
      'floor',
      'capacity',
      'color',
      'slides_url',
    ]) {
      expect(sql[0]).not.toContain(`"${column}"`)
    }
    expect(sql[0]).toContain('"title"')
  })

  test.each([
    { compiledReads: true, taken: 1 },
    { compiledReads: false, taken: 3 },
  ])('asked for twice with different arguments takes $taken (%j)', async ({ compiledReads, taken }) => {
    const world = await createWorld({ compiledReads })
    const programme = await createProgramme(world)
    await manySessions(world, programme, 3)
    await manySessions(world, await createProgramme(world, 'summer'), 2)
    const { data, statements } = await world.ask(`{ events { nodes { slug
      first: sessions(first: 1) { nodes { title } }
      last: sessions(first: 1, orderBy: { field: TITLE, direction: DESC }) { nodes { title } totalCount } } } }`)
    expect(statements).toBe(taken)
    expect(data.events.nodes).toEqual([
      {
        slug: 'spring',
        first: { nodes: [{ title: 'Talk 000' }] },
        last: { nodes: [{ title: 'Talk 002' }], totalCount: 3 },
      },
      {
        slug: 'summer',
        first: { nodes: [{ title: 'Talk 000' }] },
        last: { nodes: [{ title: 'Talk 001' }], totalCount: 2 },
      },
    ])
  })
})

describe('the pages of a list', () => {
  const id = '01a20918-d953-7448-b8e2-0da6da92efa5'
  const cursor = (...parts: unknown[]) =>
    Buffer.from(JSON.stringify(['Event.sessions', id, ...parts, id])).toString('base64url')

  test.each(['STARTS_AT', 'TITLE', 'LAST_MODIFIED_AT'])('hold every session once, by %s', async (field) => {
    const world = await createWorld()
    const programme = await createProgramme(world)
    await manySessions(world, programme, 7)
    for (const title of ['Talk 000', 'Talk 003']) await createSession(world, programme, { title })
    for (const direction of ['ASC', 'DESC']) {
      const seen = await allPages(world, { field, direction }, 2)
      expect(new Set(seen.map(({ id }) => id)).size).toBe(9)
      expect(seen).toHaveLength(9)
      const values = seen.map(({ key }) => key).filter((key) => key !== null)
      expect(values).toEqual(direction === 'ASC' ? values.toSorted() : values.toSorted().reverse())
      const unplaced = field === 'STARTS_AT' ? 2 : 0
      expect(seen.slice(9 - unplaced).map(({ key }) => key)).toEqual(
        Array.from({ length: unplaced }, () => null),
      )
      expect(values).toHaveLength(9 - unplaced)
    }
  })

  test('stay where they are while sessions come and go before them', async () => {
    const world = await createWorld()
    const programme = await createProgramme(world)
    await manySessions(world, programme, 6)
    const page = `query ($after: String) { event(slug: "spring") { sessions(first: 2, after: $after) {
      nodes { title } pageInfo { endCursor hasPreviousPage } } } }`
    const first = (await world.ask(page)).data.event.sessions
    await createSession(world, programme, { title: 'Squeezed in', startsAt: '2027-03-27T08:00:00Z' })
    await world.sql(`UPDATE sessions SET deleted_at = now() WHERE title = 'Talk 000'`)
    const second = (await world.ask(page, { after: first.pageInfo.endCursor })).data.event.sessions
    expect(second).toMatchObject({
      nodes: [{ title: 'Talk 002' }, { title: 'Talk 003' }],
      pageInfo: { hasPreviousPage: true },
    })
  })

  test.each([
    ['201 rows', { first: 201 }, 'first', 'must be 0 to 200; ask for the rest by "after".'],
    ['fewer than none', { first: -1 }, 'first', 'must be 0 to 200; ask for the rest by "after".'],
    [
      'a cursor that is none',
      { after: 'bm9uZQ' },
      'after',
      'This is no cursor of this list. Begin again without it.',
    ],
    [
      'a cursor whose instant is no date',
      {
        after: cursor('STARTS_AT', 'ASC', 9e15),
      },
      'after',
      'This is no cursor of this list. Begin again without it.',
    ],
    [
      'a cursor of another order',
      {
        after: cursor('TITLE', 'ASC', 'x'),
      },
      'after',
      'This cursor belongs to another order. Begin again without it.',
    ],
  ])('refuse %s', async (_what, args, field, message) => {
    const world = await createWorld()
    await createProgramme(world)
    const { errors } = await world.ask(
      `query ($first: Int, $after: String) { event(slug: "spring") { sessions(first: $first, after: $after) { nodes { id } } } }`,
      { first: 1, ...args },
    )
    expect(errors).toEqual([
      expect.objectContaining({
        path: ['event', 'sessions'],
        extensions: { code: 'BAD_USER_INPUT', issues: [{ path: [field], message }] },
      }),
    ])
  })
})

describe('a filter', () => {
  test('keeps the sessions of one room on one day, in any zone that the visitor reads', async () => {
    const world = await createWorld()
    const programme = await createProgramme(world)
    const [hall, attic] = programme.rooms
    await createSession(world, programme, {
      title: 'Early',
      roomId: hall,
      startsAtLocal: '2027-03-27T23:30',
      endsAtLocal: '2027-03-28T00:30',
    })
    await createSession(world, programme, { title: 'Ours', roomId: hall, startsAtLocal: '2027-03-28T03:30' })
    await createSession(world, programme, {
      title: 'Elsewhere',
      roomId: attic,
      startsAtLocal: '2027-03-28T03:30',
    })
    const { data } = await world.ask(
      `query ($filter: SessionFilter) { event(slug: "spring") { sessions(filter: $filter) { nodes {
        title startsAt startsAtLocal inKolkata: startsAtLocal(timeZone: "Asia/Kolkata") } } } }`,
      {
        filter: {
          roomIds: [hall],
          startsAt: { gte: '2027-03-28T00:00:00+01:00', lt: '2027-03-29T00:00:00+02:00' },
        },
      },
    )
    expect(data.event.sessions.nodes).toEqual([
      {
        title: 'Ours',
        startsAt: '2027-03-28T01:30:00.000Z',
        startsAtLocal: '2027-03-28T03:30:00',
        inKolkata: '2027-03-28T07:00:00',
      },
    ])
  })

  test.each([
    [{ states: ['ACCEPTED'] }, ['accepted']],
    [{ languages: ['de'] }, ['german']],
    [{ text: 'GERM' }, ['german']],
    [{ text: '100%' }, ['100% sure']],
    [{ text: '_' }, []],
    [{ text: '\\' }, []],
    [{ trackIds: ['no-id'] }, []],
    [{ trackIds: [] }, []],
    [{ startsAt: { gt: '2027-03-27T10:00:00Z' } }, []],
    [{ startsAt: {} }, ['100% sure', 'accepted', 'german']],
    [{ states: null, text: null, roomIds: null, startsAt: null }, ['100% sure', 'accepted', 'german']],
  ])('%j keeps %j', async (filter, titles) => {
    const world = await createWorld()
    const programme = await createProgramme(world)
    await createSession(world, programme, { title: 'accepted', state: 'ACCEPTED' })
    await createSession(world, programme, {
      title: 'german',
      language: 'de',
      startsAt: '2027-03-27T10:00:00Z',
    })
    await createSession(world, programme, { title: '100% sure' })
    const { data, errors } = await world.ask(
      `query ($filter: SessionFilter) { event(slug: "spring") { sessions(filter: $filter, orderBy: { field: TITLE }) { nodes { title } } } }`,
      { filter },
    )
    expect(errors).toBeUndefined()
    expect(data.event.sessions.nodes.map(({ title }: { title: string }) => title)).toEqual(titles)
  })

  test.each(['track', 'room'])('by a %s that is deleted finds nothing', async (part) => {
    const world = await createWorld()
    const programme = await createProgramme(world)
    const [gone, there] = programme[`${part as 'track' | 'room'}s`]
    for (const id of [gone, there]) await createSession(world, programme, { [`${part}Id`]: id })
    const count = async (ids: unknown[], more = '') => {
      const query = `query ($ids: [ID!]) { event(slug: "spring") { sessions(filter: { ${part}Ids: $ids ${more} }) { totalCount } } }`
      return (await world.organize(query, { ids })).data.event.sessions.totalCount
    }
    expect(await count([gone, there])).toBe(2)
    const noun = part === 'track' ? 'Track' : 'Room'
    await world.organize(`mutation { delete${noun}(id: "${gone}") { ${part} { id } } }`)
    expect([await count([gone]), await count([gone, there])]).toEqual([0, 1])
    expect(await count([gone], 'includeDeleted: true')).toBe(0)
    await world.organize(`mutation { restore${noun}(id: "${gone}") { ${part} { id } } }`)
    expect(await count([gone])).toBe(1)
  })

  test('by speaker keeps the sessions that the speaker holds', async () => {
    const world = await createWorld()
    const programme = await createProgramme(world)
    const [ada, bo] = programme.speakers
    await createSession(world, programme, { title: 'Both', speakerIds: [bo, ada] })
    await createSession(world, programme, { title: 'One', speakerIds: [bo] })
    const { data } = await world.ask(
      `query ($ids: [ID!]) { event(slug: "spring") { sessions(filter: { speakerIds: $ids }) { nodes { title speakers { name } } } } }`,
      { ids: [ada] },
    )
    expect(data.event.sessions.nodes).toEqual([
      { title: 'Both', speakers: [{ name: 'Bo' }, { name: 'Ada' }] },
    ])
  })
})

async function manySessions(world: World, programme: Programme, count: number): Promise<void> {
  const { eventId } = programme
  const { db } = world.operator
  const rows = Array.from({ length: count }, (_, index) => ({
    eventId,
    title: `Talk ${String(index).padStart(3, '0')}`,
    state: 'CONFIRMED' as const,
    startsAt: new Date(Date.UTC(2027, 2, 27, 9, index)),
    trackId: programme.tracks[index % 2]!,
    roomId: programme.rooms[index % 2]!,
  }))
  const sessions = await db.session.createManyAndReturn({ data: rows, select: { id: true } })
  const links = sessions.flatMap(({ id }) =>
    programme.speakers.map((speakerId, position) => ({ eventId, sessionId: id, speakerId, position })),
  )
  await db.sessionSpeaker.createMany({ data: links })
}

async function allPages(world: World, orderBy: { field: string; direction: string }, first: number) {
  const seen: { id: string; key: string | null }[] = []
  let after: string | null = null
  do {
    const { data } = await world.ask(
      `query ($orderBy: SessionOrder!, $first: Int, $after: String) { event(slug: "spring") {
        sessions(orderBy: $orderBy, first: $first, after: $after) {
          nodes { id title startsAt lastModifiedAt } pageInfo { endCursor hasNextPage } } } }`,
      { orderBy, first, after },
    )
    const { nodes, pageInfo } = data.event.sessions
    const name = { STARTS_AT: 'startsAt', TITLE: 'title', LAST_MODIFIED_AT: 'lastModifiedAt' }[orderBy.field]!
    seen.push(...nodes.map((node: Record<string, string | null>) => ({ id: node['id'], key: node[name] })))
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null
  } while (after !== null)
  return seen
}

/** The SQL that the server sent while the work ran, as PostgreSQL's own statistics of the session have it. */
async function statementsOf(world: World, work: () => Promise<unknown>): Promise<string[]> {
  await work()
  const rows = await world.sql<{ query: string }>(
    `SELECT query FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%"sessions"%' AND pid <> pg_backend_pid()`,
  )
  return rows.map(({ query }) => query)
}
