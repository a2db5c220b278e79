import { describe, expect, test } from 'vitest'
import { createWorld } from '../world.ts'
import { createProgramme } from './programme.ts'
import { createTeam } from './team.ts'

const input = {
  slug: 'autumn-2027',
  name: 'Autumn',
  timeZone: 'America/New_York',
  startsAt: '2027-11-06T09:00:00-04:00',
  endsAt: '2027-11-07T17:00:00-05:00',
}
const create = `mutation ($input: CreateEventInput!) { createEvent(input: $input) { event {
  slug name description timeZone startsAt endsAt startsAtLocal endsAtLocal state version createdAt lastModifiedAt } } }`
const update = `mutation ($id: ID!, $patch: EventPatch!, $expectedVersion: Int) {
  updateEvent(id: $id, patch: $patch, expectedVersion: $expectedVersion) { event { slug name timeZone startsAt startsAtLocal version } } }`

describe('an event', () => {
  test('is made as a draft, in UTC, with wall-clock times of its own zone', async () => {
    const world = await createWorld()
    const { data } = await world.organize(create, { input })
    const { createdAt, lastModifiedAt, ...event } = data.createEvent.event
    expect(event).toEqual({
      slug: 'autumn-2027',
      name: 'Autumn',
      description: null,
      timeZone: 'America/New_York',
      startsAt: '2027-11-06T13:00:00.000Z',
      endsAt: '2027-11-07T22:00:00.000Z',
      startsAtLocal: '2027-11-06T09:00:00',
      endsAtLocal: '2027-11-07T17:00:00',
      state: 'DRAFT',
      version: 1,
    })
    expect(lastModifiedAt).toBe(createdAt)
  })

  test.each([
    [
      'slug',
      { slug: 'Autumn 2027' },
      'must be lower-case letters and digits with single hyphens between, at most 100 characters.',
    ],
    ['slug', { slug: 'spring' }, '"spring" isn\'t available. Choose another one.'],
    ['name', { name: '' }, 'must not be blank.'],
    ['endsAt', { endsAt: input.startsAt }, 'must be later than startsAt.'],
  ])('is refused for its %s', async (field, change, message) => {
    const world = await createWorld()
    await createProgramme(world)
    const { errors } = await world.organize(create, { input: { ...input, ...change } })
    expect(errors?.[0]?.extensions).toEqual({
      code: 'BAD_USER_INPUT',
      issues: [{ path: ['input', field], message }],
    })
    expect(await world.sql('SELECT slug FROM events')).toEqual([{ slug: 'spring' }])
  })

  test.each(['US / Eastern', '+05:30', 'Mars/Olympus', '', 'europe'])(
    'is refused in the zone %j',
    async (timeZone) => {
      const world = await createWorld()
      const { errors } = await world.organize(create, { input: { ...input, timeZone } })
      expect(errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT')
      expect(errors?.[0]?.extensions.issues).toEqual([
        {
          path: ['input', 'timeZone'],
          message: `${JSON.stringify(timeZone)} isn't an IANA time zone name such as "Europe/Berlin".`,
        },
      ])
    },
  )

  test('keeps an alias of a zone as it was given', async () => {
    const world = await createWorld()
    const { data } = await world.organize(create, { input: { ...input, timeZone: 'Asia/Calcutta' } })
    expect(data.createEvent.event).toMatchObject({
      timeZone: 'Asia/Calcutta',
      startsAtLocal: '2027-11-06T18:30:00',
    })
  })

  test('is changed for the version that was read, and for no other', async () => {
    const world = await createWorld()
    const { eventId: id } = await createProgramme(world)
    const first = await world.organize(update, {
      id,
      patch: { name: 'New', timeZone: 'UTC' },
      expectedVersion: 1,
    })
    expect(first.data.updateEvent.event).toMatchObject({
      name: 'New',
      version: 2,
      startsAtLocal: '2027-03-27T08:00:00',
    })
    const second = await world.organize(update, { id, patch: { name: 'Newer' }, expectedVersion: 1 })
    expect(second.errors?.[0]?.extensions).toMatchObject({ code: 'CONFLICT', current: { version: 2 } })
    const missing = await world.organize(update, { id: 'none', patch: { name: 'x' } })
    expect(missing.errors?.[0]?.extensions).toEqual({ code: 'NOT_FOUND' })
  })

  test('takes a slug once, also where two take it at the same moment', async () => {
    const world = await createWorld()
    const answers = await Promise.all(Array.from({ length: 8 }, () => world.organize(create, { input })))
    expect(answers.filter(({ errors }) => errors === undefined)).toHaveLength(1)
    const codes = answers.flatMap(({ errors = [] }) => errors.map(({ extensions }) => extensions.code))
    expect(new Set(codes)).toEqual(new Set(['BAD_USER_INPUT']))
  })
})

describe('the list of events', () => {
  test('is filtered, ordered and paged', async () => {
    const world = await createWorld()
    for (const slug of ['one', 'two', 'three']) await createProgramme(world, slug)
    await world.organize(create, { input })
    const list = `query ($filter: EventFilter, $after: String) { events(filter: $filter, after: $after, first: 2) {
      totalCount nodes { slug } pageInfo { hasNextPage endCursor } } }`
    const first = (await world.organize(list)).data.events
    const second = (await world.organize(list, { after: first.pageInfo.endCursor })).data.events
    const slugs = [...first.nodes, ...second.nodes].map(({ slug }: { slug: string }) => slug)
    expect(slugs).toEqual(['one', 'two', 'three', 'autumn-2027'])
    expect(second.pageInfo.hasNextPage).toBe(false)
    const drafts = (await world.organize(list, { filter: { states: ['DRAFT'], text: 'AUT' } })).data.events
    expect(drafts).toMatchObject({ totalCount: 1, nodes: [{ slug: 'autumn-2027' }] })
    expect((await world.ask(list)).data.events.totalCount).toBe(3)
  })

  test.each([true, false])(
    'is found by words in any order, as search finds them (compiled: %s)',
    async (compiledReads) => {
      const world = await createWorld({ compiledReads })
      for (const slug of ['one', 'two', 'three', 'four']) await createProgramme(world, slug)
      const texts = {
        one: ['PostgreSQL days of Łódź', null],
        two: ['Meeting of cities', '<p>Of <b>post</b>offices &amp; data</p>'],
        three: ['Node.js und Häuser', null],
      }
      for (const [slug, [name, description]] of Object.entries(texts)) {
        await world.sql(
          `UPDATE events SET name = $2, description = $3, text_format = 'html' WHERE slug = $1`,
          [...[slug, name, description]],
        )
      }
      const list = `query ($text: String, $after: String) { events(filter: { text: $text }, first: 1, after: $after) {
      totalCount nodes { slug } pageInfo { endCursor } } }`
      const finds: Record<string, string[]> = {
        ...{
          'days postgres': ['one'],
          lodz: ['one'],
          city: ['two'],
          'postoffice meet': ['two'],
          '"of cities"': ['two'],
        },
        ...{
          nodejs: ['three'],
          haeuser: ['three'],
          'spring meeting': ['four'],
          of: ['one', 'two'],
          meet: ['two', 'four'],
        },
        ...{
          amp: [],
          '"days postgresql"': [],
          'days cities': [],
          '...': [],
          Talk: [],
          '': ['one', 'two', 'three', 'four'],
        },
      }
      for (const [text, slugs] of Object.entries(finds)) {
        const first = await world.ask(list, { text })
        expect(first.errors).toBeUndefined()
        const { totalCount, nodes, pageInfo } = first.data.events
        expect([text, totalCount, nodes[0]?.slug]).toEqual([text, slugs.length, slugs[0]])
        const next = await world.ask(list, { text, after: pageInfo.endCursor })
        expect([text, next.data.events.nodes[0]?.slug]).toEqual([text, slugs[1]])
      }
      // The languages of a programme are those of its sessions.
      expect(await world.sql(`SELECT DISTINCT language FROM search_documents WHERE id = event_id`)).toEqual([
        { language: null },
      ])
      await world.sql(`UPDATE events SET state = 'draft' WHERE slug = 'one'`)
      expect((await world.ask(list, { text: 'days' })).data.events.totalCount).toBe(0)
      const long = await world.ask(list, { text: 'a '.repeat(17) })
      expect(long.errors?.[0]?.extensions).toMatchObject({
        ...{
          code: 'BAD_USER_INPUT',
          issues: [{ path: ['filter', 'text'], message: 'must have 16 words at most.' }],
        },
      })
    },
  )
})

describe('the history of an event', () => {
  const history = `history { totalCount nodes { version operation actor { kind label } changes { field before after } } }`

  test('tells the versions that revertEvent goes back to, and who made them', async () => {
    const { world, programme, as } = await createTeam()
    const variables = { id: programme.eventId, patch: { name: 'Renamed', conflictPolicy: 'REFUSE' } }
    await as.OWNER(update, variables)
    const { data } = await as.CO_ORGANIZER(`{ event(slug: "spring") { ${history} } }`)
    expect(data.event.history.totalCount).toBe(2)
    expect(data.event.history.nodes[0]).toEqual({
      version: 2,
      operation: 'UPDATED',
      actor: { kind: 'USER', label: null },
      changes: [
        { field: 'conflictPolicy', before: 'WARN', after: 'REFUSE' },
        { field: 'name', before: 'Spring meeting', after: 'Renamed' },
      ],
    })
    expect(data.event.history.nodes[1]).toMatchObject({ version: 1, operation: 'CREATED' })
    const revert = `mutation ($id: ID!) { revertEvent(id: $id, toVersion: 1) { event { name conflictPolicy ${history} } } }`
    const { event } = (await as.OWNER(revert, { id: programme.eventId })).data.revertEvent
    expect(event).toMatchObject({
      name: 'Spring meeting',
      conflictPolicy: 'WARN',
      history: { totalCount: 3 },
    })
    expect((await world.organize(`{ events { nodes { ${history} } } }`)).statements).toBe(4)
  })

  test.each(['TRACK_ORGANIZER', 'SPEAKER', 'VISITOR'] as const)('is nothing for a %s', async (member) => {
    const { as } = await createTeam()
    const { data, errors } = await as[member](`{ event(slug: "spring") { ${history} } }`)
    expect(errors?.[0]).toMatchObject({ path: ['event', 'history'], extensions: { code: 'FORBIDDEN' } })
    expect(data.event).toEqual({ history: null })
  })
})
