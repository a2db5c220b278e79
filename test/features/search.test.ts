import { expect, test } from 'vitest'
import { createWorld, type World } from '../world.ts'
import { createProgramme, createSession, type Programme } from './programme.ts'
import { createTeam } from './team.ts'

const searched = `query ($text: String!, $types: [SearchType!], $first: Int, $after: String, $last: Int, $before: String) {
  search(text: $text, eventSlug: "spring", types: $types, first: $first, after: $after, last: $last, before: $before) {
    totalCount pageInfo { hasNextPage endCursor startCursor }
    nodes { node { __typename ... on Session { title } ... on Speaker { name } ... on Track { name } ... on Room { name } } }
  } }`

interface Hit {
  readonly node: { readonly title?: string; readonly name?: string }
}

interface Page {
  readonly search: {
    readonly nodes: readonly Hit[]
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
  }
}

interface Marked {
  readonly matches: readonly {
    readonly field: string
    readonly text: string
    readonly ranges: readonly { readonly start: number; readonly end: number }[]
  }[]
}

const namesOf = (hits: readonly Hit[]): string[] => hits.map(({ node }) => node.title ?? node.name ?? '?')

async function found(world: World, text: string, ...types: string[]): Promise<string[]> {
  const { data, errors } = await world.ask(searched, { text, ...(types.length > 0 ? { types } : {}) })
  expect(errors).toBeUndefined()
  expect(data.search.totalCount).toBe(data.search.nodes.length)
  return namesOf(data.search.nodes)
}

const sessions = (world: World, text: string) => found(world, text, 'SESSION')

async function createTalks(world: World, programme: Programme, talks: readonly (string | object)[]) {
  for (const talk of talks) {
    await createSession(world, programme, typeof talk === 'string' ? { title: talk } : talk)
  }
}

test('words are found in any order, as beginnings, folded, stemmed, joined and in quotes, whatever is typed', async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  await createTalks(world, programme, [
    { title: 'PostgreSQL for SQL people', abstract: '<p>Pages</p> &amp; <b>in</b>dexes', textFormat: 'HTML' },
    {
      title: 'Modern C++ and C#',
      abstract: 'See [the paper](https://example.org/hidden).',
      textFormat: 'MARKDOWN',
    },
    { title: 'Node.js in production', language: 'en' },
    { title: 'The cities of the future', language: 'en-GB' },
    { title: 'Über die Häuser am Fluß', language: 'de' },
    { title: 'Datenschutzgrundverordnung', language: 'Deutsch' },
    { title: 'データベース入門', language: 'ja' },
    { title: 'Работа с базами данных', language: 'ru' },
    { title: 'مقدمة في قَواعد البيانات', language: 'ar' },
    { title: 'Les écoles libres', language: 'fr' },
    { title: '3D printing 🎉 for e-mail@example.org', language: 'en' },
    'Łódź and Müller',
  ])
  const finds: Record<string, string> = {
    'sql postgres': 'PostgreSQL for SQL people',
    'PEOPLE sql': 'PostgreSQL for SQL people',
    indexes: 'PostgreSQL for SQL people',
    'c++': 'Modern C++ and C#',
    'c# modern': 'Modern C++ and C#',
    paper: 'Modern C++ and C#',
    nodejs: 'Node.js in production',
    'node.js': 'Node.js in production',
    'js node': 'Node.js in production',
    city: 'The cities of the future',
    '"cities of the"': 'The cities of the future',
    '"cities of': 'The cities of the future',
    'the city': 'The cities of the future',
    'haus fluss': 'Über die Häuser am Fluß',
    HÄUSER: 'Über die Häuser am Fluß',
    'ueber haeuser': 'Über die Häuser am Fluß',
    verordnung: 'Datenschutzgrundverordnung',
    ベース: 'データベース入門',
    入門: 'データベース入門',
    'база данные': 'Работа с базами данных',
    قواعد: 'مقدمة في قَواعد البيانات',
    'ecole libre': 'Les écoles libres',
    '3d': '3D printing 🎉 for e-mail@example.org',
    '🎉': '3D printing 🎉 for e-mail@example.org',
    email: '3D printing 🎉 for e-mail@example.org',
    'e-mail@example.org': '3D printing 🎉 for e-mail@example.org',
    'lodz mueller': 'Łódź and Müller',
    'muller ': 'Łódź and Müller',
  }
  for (const [text, title] of Object.entries(finds)) {
    expect([text, await sessions(world, text)]).toEqual([text, [title]])
  }
  const findNothing = [
    '',
    ' ',
    '"',
    '&|!:*<->()',
    '...',
    "'",
    '\\',
    '"of cities"',
    'hidden',
    'href',
    'amp',
    '"city"',
  ]
  for (const text of [...findNothing, 'ースデ', 'people nobody', '\u0301']) {
    expect([text, await sessions(world, text)]).toEqual([text, []])
  }
  // Words that say nothing are words, if there are no others.
  expect(await sessions(world, 'the')).toEqual(['The cities of the future', 'Modern C++ and C#'])
  for (const text of ["sql' | ''", 'sql:*', 'sql & !people', '<->sql', 'sql\\', "K'sql"]) {
    expect([text, (await world.ask(searched, { text })).errors]).toEqual([text, undefined])
  }
})

test('a search is refused where it says what to do', async () => {
  const world = await createWorld()
  await createProgramme(world)
  const issue = async (variables: object) => (await world.ask(searched, variables)).errors?.[0]?.extensions
  expect(await issue({ text: 'x'.repeat(10_000) })).toMatchObject({
    ...{
      code: 'BAD_USER_INPUT',
      issues: [{ path: ['text'], message: 'must be at most 500 characters long.' }],
    },
  })
  expect(await issue({ text: 'a\0b' })).toMatchObject({ issues: [{ path: ['text'] }] })
  expect(await issue({ text: 'a '.repeat(17) })).toMatchObject({
    issues: [{ path: ['text'], message: 'must have 16 words at most.' }],
  })
  expect(await issue({ text: 'a', first: 201 })).toMatchObject({ issues: [{ path: ['first'] }] })
  const elsewhere = await world.ask(`{ search(text: "a", eventSlug: "none") { totalCount } }`)
  expect(elsewhere.errors?.[0]?.extensions).toMatchObject({ code: 'NOT_FOUND' })
})

test('a search for no kinds finds nothing, as lists of none do, and only in an event that is seen', async () => {
  const world = await createWorld()
  await createProgramme(world)
  const none = (slug: string) =>
    world.ask(
      `{ search(text: "ada", eventSlug: "${slug}", types: []) { totalCount nodes { node { __typename } } } }`,
    )
  expect((await none('spring')).data).toEqual({ search: { totalCount: 0, nodes: [] } })
  expect((await none('none')).errors?.[0]?.extensions.code).toBe('NOT_FOUND')
})

test('sessions are found by speakers, track and room together with their own words, the best first', async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  const { tracks, rooms, speakers } = programme
  await createTalks(world, programme, [
    { title: 'Keynote', speakerIds: [speakers[0]], trackId: tracks[0], roomId: rooms[1] },
    { title: 'Panel', abstract: 'What Ada wrote of a keynote, and of attics', trackId: tracks[1] },
    { title: 'Ada, the language', speakerIds: [speakers[1]] },
  ])
  expect(await found(world, 'ada')).toEqual(['Ada', 'Ada, the language', 'Keynote', 'Panel'])
  expect(await found(world, 'keynote ada attic')).toEqual(['Keynote', 'Panel'])
  expect(await found(world, 'attic')).toEqual(['Attic', 'Panel', 'Keynote'])
  expect(await found(world, 'data', 'TRACK', 'ROOM')).toEqual(['Data'])
  expect(await found(world, 'bo')).toEqual(['Bo', 'Ada, the language'])

  // A speaker who is called otherwise is found anew, and a room that is gone isn't.
  await world.sql(`UPDATE speakers SET name = 'Grace Hopper' WHERE name = 'Ada'`)
  await world.sql(`UPDATE rooms SET deleted_at = '2026-01-01' WHERE name = 'Attic'`)
  expect(await found(world, 'keynote grac')).toEqual(['Keynote'])
  expect(await found(world, 'ada')).toEqual(['Ada, the language', 'Panel'])
  expect(await found(world, 'attic')).toEqual(['Panel'])

  const all = await world.ask(searched, { text: 'ada' })
  const titles = namesOf(all.data.search.nodes)
  const paged: string[] = []
  let after: string | null = null
  do {
    const { data }: { readonly data: Page } = await world.ask(searched, { text: 'ada', first: 1, after })
    paged.push(...namesOf(data.search.nodes))
    after = data.search.pageInfo.hasNextPage ? data.search.pageInfo.endCursor : null
  } while (after !== null)
  expect([paged.length > 1, paged]).toEqual([true, titles])
  const { pageInfo } = all.data.search
  const backwards = await world.ask(searched, {
    text: 'ada',
    last: 1,
    first: undefined,
    before: pageInfo.endCursor,
  })
  expect(backwards.errors).toBeUndefined()
  expect(namesOf(backwards.data.search.nodes)).toEqual([titles.at(-2)])
  const foreign = await world.ask(searched, { text: 'b', after: pageInfo.endCursor })
  expect(foreign.errors?.[0]?.extensions).toMatchObject({
    code: 'BAD_USER_INPUT',
    issues: [{ path: ['after'] }],
  })
})

test('what has the words in its title comes first among more than are given, and every page has others', async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  const [speaker] = programme.speakers
  const many = Array.from({ length: 520 }, (_, n) => ({
    ...{ eventId: programme.eventId, title: `Talk ${n}`, state: 'CONFIRMED' as const },
    abstract: `Of gardens ${'and what else '.repeat(n % 7)}`,
  }))
  await world.operator.db.session.createMany({ data: many })
  await createSession(world, programme, { title: 'Gardens', abstract: 'All of them.' })
  await createSession(world, programme, { title: 'By a speaker', speakerIds: [speaker] })
  await world.sql(`UPDATE speakers SET name = 'Ada Garden' WHERE id = '${speaker}'`)

  const ids: string[] = []
  const titles: string[] = []
  let after: string | null = null
  do {
    const { data } = await world.ask(
      `query ($after: String) { search(text: "gardens", eventSlug: "spring", types: [SESSION], first: 200, after: $after) {
        totalCount pageInfo { hasNextPage endCursor } nodes { node { ... on Session { id title } } } } }`,
      { after },
    )
    expect(data.search.totalCount).toBe(500)
    ids.push(...data.search.nodes.map(({ node }: { node: { id: string } }) => node.id))
    titles.push(...namesOf(data.search.nodes))
    after = data.search.pageInfo.hasNextPage ? data.search.pageInfo.endCursor : null
  } while (after !== null)
  expect([ids.length, new Set(ids).size]).toEqual([500, 500])
  expect(titles.slice(0, 2)).toEqual(['Gardens', 'By a speaker'])
})

test('words of names and of texts are found together, whichever of them stands where', async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  const { tracks, rooms, speakers } = programme
  await createTalks(world, programme, [
    { title: 'Clocks of cities', abstract: 'Gears', speakerIds: [speakers[0]], roomId: rooms[1] },
    { title: 'Clocks', abstract: 'Towers', speakerIds: [speakers[1]], roomId: rooms[1], trackId: tracks[1] },
    { title: 'Cities', abstract: 'Data', roomId: rooms[0] },
  ])
  const finds: Record<string, string[]> = {
    'attic clocks ada': ['Clocks of cities'],
    'clocks data towers': ['Clocks'],
    'gears attic ada cities': ['Clocks of cities'],
    'bo data attic': ['Clocks'],
    'attic clock': ['Clocks', 'Clocks of cities'],
    'data hall': ['Cities'],
    'towers hall': [],
    'ada bo': [],
  }
  for (const [text, wanted] of Object.entries(finds)) {
    expect([text, (await sessions(world, text)).toSorted()]).toEqual([text, wanted])
  }
})

test('what matched is told as ranges of plain texts, in the statement that finds it', async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  await createTalks(world, programme, [
    {
      title: '🎉 Indexing in Node.js',
      abstract: `<p>${'Filler. '.repeat(60)}</p><p>An <b>ind</b>ex &lt;is&gt; indexed.</p>`,
      ...{ textFormat: 'HTML', language: 'en', speakerIds: [programme.speakers[0]] },
    },
  ])
  const query = (text: string) => `{ search(text: ${JSON.stringify(text)}, eventSlug: "spring") { nodes {
    node { __typename ... on Session { title } } matches(maxLength: 60) { field text ranges { start end } } } } }`
  const marked = async (text: string) => {
    const { data, errors, statements } = await world.ask(query(text))
    expect(errors).toBeUndefined()
    const matches = data.search.nodes.flatMap((hit: Marked) =>
      hit.matches.map((match) => [
        match.field,
        match.ranges.map(({ start, end }) => match.text.slice(start, end)),
        match.text.length <= 60,
      ]),
    )
    return { matches, statements }
  }
  expect(await marked('indexed nod')).toEqual({
    matches: [
      ['TITLE', ['Indexing', 'Node'], true],
      ['ABSTRACT', ['index', 'indexed'], true],
    ],
    statements: 1,
  })
  expect((await marked('nodejs index')).matches[0]).toEqual(['TITLE', ['Indexing', 'Node.js'], true])
  expect((await marked('"in node"')).matches).toEqual([['TITLE', ['in Node'], true]])
  // The speaker, and the session of the speaker.
  expect((await marked('ada')).matches.toSorted()).toEqual([
    ['NAME', ['Ada'], true],
    ['SPEAKER', ['Ada'], true],
  ])
  const short = await world.ask(query('ada').replace('60', '10'))
  expect(short.errors?.[0]?.extensions).toMatchObject({
    issues: [{ path: ['maxLength'], message: 'must be 20 or more.' }],
  })
})

test('hits of all kinds are told with what they refer to in one statement, and lists of theirs in one more of their kind', async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  const { speakers, rooms, tracks } = programme
  await world.sql(`UPDATE rooms SET name = 'Ada Hall' WHERE id = '${rooms[0]}'`)
  await world.sql(`UPDATE tracks SET name = 'Ada language' WHERE id = '${tracks[0]}'`)
  const places = { speakerIds: [speakers[0]], roomId: rooms[0], trackId: tracks[0] }
  await createTalks(world, programme, [{ title: 'Clocks', abstract: 'Gears', ...places }])
  const found = async (ofRoom: string) => {
    const { data, errors, statements } =
      await world.ask(`{ search(text: "ada", eventSlug: "spring") { totalCount edges { node { node {
      ... on Session { title abstract room { name } track { name } speakers { name } event { slug } }
      ... on Speaker { name event { slug } } ... on Track { name color } ... on Room { name ${ofRoom} } } } } } }`)
    expect(errors).toBeUndefined()
    const nodes = data.search.edges.map((edge: { node: { node: unknown } }) => edge.node.node)
    return { nodes, total: data.search.totalCount, statements }
  }
  const event = { slug: 'spring' }
  const [room, track] = [{ name: 'Ada Hall' }, { name: 'Ada language' }]
  const others = [
    { ...{ title: 'Clocks', abstract: 'Gears' }, room, track, speakers: [{ name: 'Ada' }], event },
    { name: 'Ada', event },
    { ...track, color: null },
  ]
  const told = await found('capacity')
  expect(told).toMatchObject({ total: 4, statements: 1 })
  expect(told.nodes).toEqual(expect.arrayContaining([...others, { ...room, capacity: null }]))
  const listed = await found('sessions { nodes { title } }')
  expect(listed).toMatchObject({ total: 4, statements: 2 })
  const sessionsOfRoom = { sessions: { nodes: [{ title: 'Clocks' }] } }
  expect(listed.nodes).toEqual(expect.arrayContaining([...others, { ...room, ...sessionsOfRoom }]))
})

test('words are looked for in so much text a request, and who asks for more is told to ask for less', async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  const { eventId } = programme
  const description = 'Wörter '.repeat(14_000)
  const named = (n: number) => ({ eventId, title: `Long ${n}`, description, state: 'CONFIRMED' as const })
  await world.operator.db.session.createMany({ data: Array.from({ length: 11 }, (_, n) => named(n)) })
  const asked = (first: number) =>
    world.ask(
      `{ search(text: "long", eventSlug: "spring", first: ${first}) { nodes { matches { field text } } } }`,
    )
  const { data, errors } = await asked(5)
  expect([errors, data.search.nodes[0].matches]).toEqual([undefined, [{ field: 'TITLE', text: 'Long 10' }]])
  expect((await asked(20)).errors?.[0]).toMatchObject({
    message: expect.stringContaining('more than 1,000,000 characters'),
    extensions: { code: 'QUERY_TOO_COMPLEX' },
  })
})

test('a search tells nobody of what they may not see, be it by hits, totals or ranks', async () => {
  const { world, programme, as } = await createTeam()
  await createSession(world, programme, {
    title: 'Secret draft',
    state: 'DRAFT',
    speakerIds: [programme.speakers[1]],
  })
  const gone = await createSession(world, programme, { title: 'Secret but gone' })
  await world.organize(`mutation { deleteSession(id: "${gone}") { session { id } } }`)
  const canceled = await createSession(world, programme, { title: 'Secretly canceled' })
  await world.organize(`mutation { changeSessionState(id: "${canceled}", to: CANCELED) { session { id } } }`)
  await createSession(world, programme, { title: 'No secret', speakerIds: [programme.speakers[0]] })
  const seen = async (ask: (typeof as)['OWNER'], text: string) => {
    const { data } = await ask(searched, { text })
    return [data.search.totalCount, ...namesOf(data.search.nodes).toSorted()]
  }
  expect(await seen(as.VISITOR, 'secret')).toEqual([1, 'No secret'])
  expect(await seen(as.ORGANIZER, 'secret')).toEqual([3, 'No secret', 'Secret draft', 'Secretly canceled'])
  expect(await seen(as.VISITOR, 'bo')).toEqual([0])
  expect(await seen(as.ORGANIZER, 'bo')).toEqual([2, 'Bo', 'Secret draft'])
  expect(await seen(as.SPEAKER, 'ada')).toEqual([2, 'Ada', 'No secret'])
  await world.sql(`UPDATE events SET state = 'draft'`)
  const hidden = await as.VISITOR(searched, { text: 'secret' })
  expect(hidden.errors?.[0]?.extensions).toMatchObject({ code: 'NOT_FOUND' })
  expect(await seen(as.ORGANIZER, 'secret')).toHaveLength(4)
})

test('a draft in another language changes nothing of what words find for the public, whose answers are kept', async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  await createTalks(world, programme, [{ title: 'Hard times', language: 'en' }])
  const query = `{ search(text: "die hard", eventSlug: "spring") { totalCount } event(slug: "spring") {
    sessions(filter: { text: "die hard" }) { totalCount } speakers(filter: { text: "die ada" }) { totalCount } } }`
  const totals = async () => {
    const { search: found, event } = (await world.ask(query)).data
    return [found, event.sessions, event.speakers].map(({ totalCount }) => totalCount)
  }
  await createTalks(world, programme, [{ title: 'Ada', speakerIds: [programme.speakers[0]] }])
  expect(await totals()).toEqual([0, 0, 0])
  // In German 'die' says nothing, so that it needn't be found.
  await createTalks(world, programme, [{ title: 'Geheim', language: 'de', state: 'DRAFT' }])
  expect(await totals()).toEqual([0, 0, 0])
  await createTalks(world, programme, [{ title: 'Offen', language: 'de' }])
  expect(await totals()).toEqual([1, 1, 1])
})

test('what is found by is made anew without a new version, stamp or revision, and goes with its row', async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  const id = await createSession(world, programme, { title: 'Old words' })
  const stamps = () =>
    world.sql(`SELECT version, last_modified_at, (SELECT count(*) FROM revisions) FROM sessions`)
  const before = await stamps()
  await world.sql(`DELETE FROM search_documents`)
  expect(await sessions(world, 'old')).toEqual([])
  await world.sql(`SELECT write_search_document('session', to_jsonb(s), true) FROM sessions s`)
  expect([await sessions(world, 'old'), await stamps()]).toEqual([['Old words'], before])
  await world.sql(`UPDATE sessions SET title = 'New words' WHERE id = '${id}'`)
  expect([await sessions(world, 'old'), await sessions(world, 'new')]).toEqual([[], ['New words']])
  await world.sql(`DELETE FROM canceled_sessions; DELETE FROM sessions`)
  expect(await world.sql(`SELECT id FROM search_documents WHERE id = '${id}'`)).toEqual([])
})

test('what a row is found by is the same whether its texts were changed one by one or written at once', async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  const id = await createSession(world, programme, {
    ...{ title: 'Old title', abstract: 'The cities of Łódź', description: 'See node.js', language: 'en' },
  })
  const changes = [
    `title = 'Über Städte', subtitle = 'A second heading'`,
    `subtitle = NULL`,
    `abstract = 'The <b>villages</b>', title = 'Both at once'`,
    `text_format = 'html'`,
    `language = 'de'`,
    `title = 'After the language'`,
    `description = NULL`,
    `title = 'Last'`,
  ]
  for (const change of changes) {
    await world.sql(`UPDATE sessions SET ${change} WHERE id = '${id}'`)
    const kept = await world.sql(`SELECT * FROM search_documents WHERE id = '${id}'`)
    await world.sql(`SELECT write_search_document('session', to_jsonb(s)) FROM sessions s`)
    expect([change, kept]).toEqual([
      change,
      await world.sql(`SELECT * FROM search_documents WHERE id = '${id}'`),
    ])
  }
  expect([await sessions(world, 'cities'), await sessions(world, 'villages')]).toEqual([[], ['Last']])
})

test('a row whose document was written before its longer texts were kept apart is found by a new title and by them', async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  const id = await createSession(world, programme, { title: 'Old', abstract: 'Bamboo' })
  await world.sql(`UPDATE search_documents SET texts = NULL`)
  await world.sql(`UPDATE sessions SET title = 'New' WHERE id = '${id}'`)
  expect([await sessions(world, 'bamboo new'), await sessions(world, 'old')]).toEqual([['New'], []])
})

test('a quoted phrase is found within one text, not across the end of a title or between words that are far apart', async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  await createTalks(world, programme, [
    {
      ...{
        title: 'Raising red pandas',
        subtitle: 'Quiet mornings',
        abstract: 'Bamboo grows fast',
        description: 'Bring boots',
      },
      language: 'en',
    },
    { title: 'Next.js, then a long walk, then Node.js again', abstract: 'Yes', language: 'en' },
  ])
  for (const across of [
    'pandas quiet',
    'mornings bamboo',
    'fast bring',
    'pandas bamboo',
    'nextjs nodejs',
    'again nextjs',
  ]) {
    expect([across, await sessions(world, `"${across}"`)]).toEqual([across, []])
    expect([across, (await sessions(world, across)).length]).toEqual([across, 1])
  }
  for (const within of ['red pandas', 'quiet mornings', 'bamboo grows fast', 'bring boots']) {
    expect([within, await sessions(world, `"${within}"`)]).toEqual([within, ['Raising red pandas']])
  }
})
