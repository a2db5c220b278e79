import { expect, test } from 'vitest'
import { hashOfSecret, mintToken, organizerOfEverything } from '../../src/access/tokens.ts'
import { type Answer, createWorld, type World } from '../world.ts'
import { createProgramme, createSession, type Programme } from './programme.ts'
import { createTeam } from './team.ts'

const foreign = 'This is no cursor of this list. Begin again without it.'

/** A list by what it is of, the query down to it, and where a fault in it is told. */
interface PagedList {
  readonly name: string
  query(fields: string, after?: string): string
  readonly path: readonly (string | number)[]
}

test('a cursor of another list, or of the same list of another event, is refused, not an empty page', async () => {
  const world = await createWorld()
  const lists = await listsOf(world)
  const cursors = await Promise.all(lists.map((list) => cursorOf(world.organize, list)))
  const told: unknown[] = []
  const expected: unknown[] = []
  for (const list of lists) {
    for (const [at, cursor] of cursors.entries()) {
      const { errors, data } = await world.organize(list.query('pageInfo { hasPreviousPage }', cursor))
      const page = JSON.stringify(data).includes('"hasPreviousPage":true')
      told.push([list.name, lists[at]!.name, errors === undefined ? page : refusals(errors)])
      const refused = [
        { path: list.path, code: 'BAD_USER_INPUT', issues: [{ path: ['after'], message: foreign }] },
      ]
      expected.push([list.name, lists[at]!.name, lists[at] === list ? true : refused])
    }
  }
  expect(told).toEqual(expected)
}, 300_000)

test("a cursor of another session's history, or of somebody else's favorites, is refused", async () => {
  const { world, programme, as } = await createTeam()
  const sessions = await Promise.all(
    ['one', 'two'].map((title) => createSession(world, programme, { title })),
  )
  const histories = sessions.map((id) => ({
    name: id,
    query: (fields: string, after?: string) =>
      `{ session(id: "${id}") { history${given(after)} { ${fields} } } }`,
    path: ['session', 'history'],
  }))
  const favorites = {
    name: 'favorites',
    query: (fields: string, after?: string) =>
      `{ viewer { ... on UserViewer { favorites${given(after)} { ${fields} } } } }`,
    path: ['viewer', 'favorites'],
  }
  for (const ask of [as.VISITOR, as.SPEAKER]) {
    for (const id of sessions)
      await ask(`mutation { setFavorite(sessionId: "${id}", isFavorite: true) { __typename } }`)
  }
  const ofFirst = await cursorOf(world.organize, histories[0]!)
  const ofVisitor = await cursorOf(as.VISITOR, favorites)
  const answers = [
    await world.organize(histories[0]!.query('nodes { version }', ofFirst)),
    await world.organize(histories[1]!.query('nodes { version }', ofFirst)),
    await as.VISITOR(favorites.query('nodes { title }', ofVisitor)),
    await as.SPEAKER(favorites.query('nodes { title }', ofVisitor)),
  ]
  const refused = (path: readonly (string | number)[]) => [
    { path, code: 'BAD_USER_INPUT', issues: [{ path: ['after'], message: foreign }] },
  ]
  expect(answers.map(({ errors = [] }) => refusals(errors))).toEqual([
    ...[[], refused(['session', 'history'])],
    ...[[], refused(['viewer', 'favorites'])],
  ])
})

test('a forged cursor is bad input in every list, whatever it holds', async () => {
  const world = await createWorld()
  const other = '00000000-0000-7000-8000-000000000000'
  const strange = [{}, [], 1.5, 1e300, true, 'a\0b', '\uD800']
  const notOf: Record<string, unknown[]> = {
    STARTS_AT: ['x', '2027-01-01'],
    NAME: [7, null],
    CREATED: ['x', other, 7, null],
    VERSION: ['x', 2_147_483_648, -2_147_483_649, null],
  }
  const lists = (await listsOf(world)).filter(({ name }) => !name.endsWith('autumn'))
  const taken: unknown[] = []
  for (const list of lists) {
    const cursor = await cursorOf(world.organize, list)
    const [name, of, field, direction, value, id] = JSON.parse(opened(cursor)) as string[]
    const forged: unknown[] = [
      ...[...strange, ...notOf[field!]!].map((key) => [name, of, field, direction, key, id]),
      ...['x', null, {}].map((row) => [name, of, field, direction, value, row]),
      ...['x', other, {}, 7].map((event) => [name, event, field, direction, value, id]),
      [name, of, 'id', direction, value, id],
      [name, of, field, 'UP', value, id],
      [field, direction, value, id],
      { length: 6 },
      null,
      7,
    ]
    const texts = [...forged.map(closed), `${cursor}=`, cursor.slice(0, -3), ` ${cursor}`, '', '😀', 'bm9uZQ']
    for (const text of texts) {
      const { errors = [] } = await world.organize(list.query('nodes { __typename }', text))
      const [refusal] = refusals(errors)
      const isRefused = refusal?.code === 'BAD_USER_INPUT' && refusal.issues?.[0]?.path[0] === 'after'
      if (!isRefused || String(refusal.path) !== String(list.path))
        taken.push([list.name, opened(text), errors])
    }
  }
  expect(taken).toEqual([])
}, 300_000)

test("whoever goes on from an empty page doesn't begin anew", async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  for (const title of ['one', 'two']) await createSession(world, programme, { title })
  const page = `query ($first: Int, $after: String) { event(slug: "spring") { sessions(first: $first, after: $after) {
    nodes { title } pageInfo { startCursor endCursor hasNextPage hasPreviousPage } } } }`
  const ask = async (first: number, after: string | null) =>
    (await world.ask(page, { first, after })).data.event.sessions
  expect(await ask(0, null)).toEqual({
    nodes: [],
    pageInfo: { startCursor: null, endCursor: null, hasNextPage: true, hasPreviousPage: false },
  })
  const { endCursor } = (await ask(1, null)).pageInfo
  const none = await ask(0, endCursor)
  expect(none).toEqual({
    nodes: [],
    pageInfo: { startCursor: null, endCursor, hasNextPage: true, hasPreviousPage: true },
  })
  const last = await ask(1, none.pageInfo.endCursor)
  expect(last.nodes).toEqual([{ title: 'two' }])
  expect((await ask(1, last.pageInfo.endCursor)).pageInfo).toEqual({
    startCursor: null,
    endCursor: last.pageInfo.endCursor,
    hasNextPage: false,
    hasPreviousPage: true,
  })
})

/** Every list that is paged, of two events and two sessions where there is one for each. */
async function listsOf(world: World): Promise<PagedList[]> {
  const events = [await createProgramme(world), await createProgramme(world, 'autumn')]
  const ofEvents = await Promise.all(events.map((event) => listsOfEvent(world, event)))
  const own = '{ viewer { ... on TokenViewer { token { id } } } }'
  const { id: parentId } = (await world.organize(own)).data.viewer.token
  await mintToken(world.operator.db, { ...organizerOfEverything, parentId, label: 'minted' })
  return [
    ...ofEvents.flat(),
    { name: 'events', query: (fields, after) => `{ events${given(after)} { ${fields} } }`, path: ['events'] },
    {
      name: 'own tokens',
      query: (fields, after) => `{ viewer { ... on TokenViewer { tokens${given(after)} { ${fields} } } } }`,
      path: ['viewer', 'tokens'],
    },
  ]
}

async function listsOfEvent(world: World, programme: Programme): Promise<PagedList[]> {
  const { eventId, slug, speakers } = programme
  const { db } = world.operator
  const session = await createSession(world, programme, {
    startsAt: '2027-03-27T10:00:00Z',
    speakerIds: speakers,
    trackId: programme.tracks[0],
    roomId: programme.rooms[0],
    sessionTypeId: programme.types[0],
  })
  const { id: userId } = await db.user.create({ data: { issuer: 'local', subject: slug } })
  await db.membership.create({ data: { eventId, userId, role: 'MODERATOR' } })
  const offer = {
    email: 'y@example.org',
    expiresAt: new Date('2199-01-01T00:00:00Z'),
    hash: hashOfSecret(slug),
  }
  await db.invitation.create({ data: { eventId, role: 'MODERATOR', ...offer } })
  await mintToken(db, { ...organizerOfEverything, eventIds: [eventId], label: 'x' })
  const [startsAt, endsAt] = [new Date('2027-03-27T10:00:00Z'), new Date('2027-03-27T11:00:00Z')]
  await db.break.create({ data: { eventId, name: 'Lunch', startsAt, endsAt } })
  const fields = ['sessions', 'speakers', 'members', 'invitations', 'tokens', 'history']
  return [
    ...fields.map((field) => ({
      name: `${field} of ${slug}`,
      query: (below: string, after?: string) =>
        `{ event(slug: "${slug}") { ${field}${given(after)} { ${below} } } }`,
      path: ['event', field],
    })),
    {
      name: `history of a session of ${slug}`,
      query: (below, after) => `{ session(id: "${session}") { history${given(after)} { ${below} } } }`,
      path: ['session', 'history'],
    },
    ...['tracks', 'rooms', 'sessionTypes', 'speakers'].map((parts) => ({
      name: `sessions of ${parts} of ${slug}`,
      query: (below: string, after?: string) => {
        const sessions = `sessions${given(after)} { ${below} }`
        const list = parts === 'speakers' ? `speakers { nodes { ${sessions} } }` : `${parts} { ${sessions} }`
        return `{ event(slug: "${slug}") { ${list} } }`
      },
      path: ['event', parts, ...(parts === 'speakers' ? ['nodes'] : []), 0, 'sessions'],
    })),
    {
      name: `history of a break of ${slug}`,
      query: (below, after) =>
        `{ event(slug: "${slug}") { breaks { history${given(after)} { ${below} } } } }`,
      path: ['event', 'breaks', 0, 'history'],
    },
  ]
}

async function cursorOf(ask: World['organize'], list: PagedList): Promise<string> {
  const { data } = await ask(list.query('pageInfo { endCursor }'))
  return /"endCursor":"([^"]+)"/.exec(JSON.stringify(data))![1]!
}

function refusals(errors: NonNullable<Answer['errors']>) {
  return errors.map(({ path, extensions: { code, issues } }) => ({
    ...{ path, code: code as string },
    issues: issues as { path: unknown[]; message: string }[] | undefined,
  }))
}

function opened(cursor: string): string {
  return Buffer.from(cursor, 'base64url').toString()
}

function given(after: string | undefined): string {
  return after === undefined ? '' : `(after: ${JSON.stringify(after)})`
}

function closed(parts: unknown): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url')
}
