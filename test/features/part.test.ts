import { describe, expect, test } from 'vitest'
import { createWorld } from '../world.ts'
import { createProgramme } from './programme.ts'
import { createTeam, type Member } from './team.ts'

/** Tracks, rooms, session types, breaks and speakers have the same verbs; each is tried with all of them. */
const kinds = [
  {
    type: 'Track',
    field: 'track',
    table: 'tracks',
    fields: 'name description color',
    input: { name: 'Art', description: 'Of\nall kinds', color: '#00A0FF' },
    stored: { name: 'Art', description: 'Of\nall kinds', color: '#00a0ff' },
    patch: { name: 'Arts', color: null },
    patched: { name: 'Arts', description: 'Of\nall kinds', color: null },
  },
  {
    type: 'Room',
    field: 'room',
    table: 'rooms',
    fields: 'name floor capacity openingHours { startsAt endsAt }',
    input: {
      name: 'Cellar',
      floor: '-1',
      capacity: 0,
      openingHours: [{ startsAt: '2027-03-27T08:00:00Z', endsAt: '2027-03-27T16:00:00Z' }],
    },
    stored: {
      name: 'Cellar',
      floor: '-1',
      capacity: 0,
      openingHours: [{ startsAt: '2027-03-27T08:00:00.000Z', endsAt: '2027-03-27T16:00:00.000Z' }],
    },
    patch: { capacity: null, openingHours: null },
    patched: { name: 'Cellar', floor: '-1', capacity: null, openingHours: [] },
  },
  {
    type: 'SessionType',
    field: 'sessionType',
    table: 'session_types',
    fields: 'name durationMinutes',
    input: { name: 'Keynote', durationMinutes: 90 },
    stored: { name: 'Keynote', durationMinutes: 90 },
    patch: { durationMinutes: null },
    patched: { name: 'Keynote', durationMinutes: null },
  },
  {
    type: 'Break',
    field: 'break',
    table: 'breaks',
    fields: 'name startsAt endsAt room { id }',
    input: { name: 'Lunch', startsAt: '2027-03-27T11:00:00Z', endsAt: '2027-03-27T12:00:00Z' },
    stored: {
      name: 'Lunch',
      startsAt: '2027-03-27T11:00:00.000Z',
      endsAt: '2027-03-27T12:00:00.000Z',
      room: null,
    },
    patch: { endsAt: '2027-03-27T12:30:00Z' },
    patched: {
      name: 'Lunch',
      startsAt: '2027-03-27T11:00:00.000Z',
      endsAt: '2027-03-27T12:30:00.000Z',
      room: null,
    },
  },
  {
    type: 'Speaker',
    field: 'speaker',
    table: 'speakers',
    fields: 'name biography organisation country photoUrl websiteUrl availability { startsAt }',
    input: {
      name: 'Grace',
      biography: 'Wrote a compiler.',
      organisation: 'Navy',
      country: 'US',
      photoUrl: 'https://example.org/grace.png',
      websiteUrl: 'https://example.org/',
      availability: [{ startsAt: '2027-03-27T08:00:00Z', endsAt: '2027-03-27T16:00:00Z' }],
    },
    stored: {
      name: 'Grace',
      biography: 'Wrote a compiler.',
      organisation: 'Navy',
      country: 'US',
      photoUrl: 'https://example.org/grace.png',
      websiteUrl: 'https://example.org/',
      availability: [{ startsAt: '2027-03-27T08:00:00.000Z' }],
    },
    patch: { biography: null, photoUrl: null, availability: [] },
    patched: {
      name: 'Grace',
      biography: null,
      organisation: 'Navy',
      country: 'US',
      photoUrl: null,
      websiteUrl: 'https://example.org/',
      availability: [],
    },
  },
] as const

type Kind = (typeof kinds)[number]

const create = ({ type, field, fields }: Kind) =>
  `mutation ($input: Create${type}Input!) { create${type}(input: $input) { ${field} {
    id version createdAt lastModifiedAt ${fields} } } }`
const update = ({ type, field, fields }: Kind) =>
  `mutation ($id: ID!, $patch: ${type}Patch!, $expectedVersion: Int) {
    update${type}(id: $id, patch: $patch, expectedVersion: $expectedVersion) { ${field} {
      version lastModifiedAt ${fields} } } }`
const remove = ({ type, field }: Kind) =>
  `mutation ($id: ID!, $expectedVersion: Int) {
    delete${type}(id: $id, expectedVersion: $expectedVersion) { ${field} { version } } }`
const restore = ({ type, field, fields }: Kind) =>
  `mutation ($id: ID!, $expectedVersion: Int) {
    restore${type}(id: $id, expectedVersion: $expectedVersion) { ${field} { version ${fields} } } }`
const namesOf = ({ type, field }: Kind) =>
  type === 'Speaker'
    ? '{ event(slug: "spring") { all: speakers { nodes { name } } } }'
    : `{ event(slug: "spring") { all: ${field}s { name } } }`

async function scene(kind: Kind) {
  const world = await createWorld()
  const programme = await createProgramme(world)
  const made = await world.organize(create(kind), { input: { eventSlug: 'spring', ...kind.input } })
  const part = made.data[`create${kind.type}`][kind.field]
  const names = async () => {
    const { data } = await world.organize(namesOf(kind))
    return (data.event.all.nodes ?? data.event.all).map(({ name }: { name: string }) => name)
  }
  return { world, programme, made, part, names }
}

describe.each(kinds.map((kind) => [kind.field, kind] as const))('a %s', (noun, kind) => {
  test('is stored as it is sent, changed where a patch names it, and nowhere else', async () => {
    const { world, made, part } = await scene(kind)
    expect(made.errors).toBeUndefined()
    expect(part).toMatchObject({ ...kind.stored, version: 1 })
    expect(part.lastModifiedAt).toBe(part.createdAt)
    const { id } = part
    const changed = await world.organize(update(kind), { id, patch: kind.patch, expectedVersion: 1 })
    expect(changed.errors).toBeUndefined()
    expect(changed.data[`update${kind.type}`][kind.field]).toEqual({
      ...kind.patched,
      version: 2,
      lastModifiedAt: expect.any(String),
    })
    expect(changed.statements).toBeLessThanOrEqual(kind.type === 'Break' ? 9 : 8)
  })

  test('has a new stamp, version and revision for a change, none for a save that changes nothing', async () => {
    const { world, part } = await scene(kind)
    const { id } = part
    const same = await world.organize(update(kind), { id, patch: { name: kind.input.name } })
    expect(same.data[`update${kind.type}`][kind.field]).toMatchObject({
      version: 1,
      lastModifiedAt: part.lastModifiedAt,
    })
    await world.organize(update(kind), { id, patch: { name: 'Other' } })
    const { data, errors } = await world.organize(
      `mutation ($id: ID!) { delete${kind.type}(id: $id) { ${kind.field} { history(first: 2) { totalCount
        pageInfo { hasNextPage } nodes { version operation actor { kind } changes { field before after } } } } } }`,
      { id },
    )
    expect(errors).toBeUndefined()
    const actor = { kind: 'TOKEN' }
    const deletedAt = { field: 'deletedAt', before: null, after: expect.any(String) }
    const name = { field: 'name', before: kind.input.name, after: 'Other' }
    expect(data[`delete${kind.type}`][kind.field].history).toEqual({
      totalCount: 3,
      pageInfo: { hasNextPage: true },
      nodes: [
        { version: 3, operation: 'DELETED', actor, changes: [deletedAt] },
        { version: 2, operation: 'UPDATED', actor, changes: [name] },
      ],
    })
  })

  test('has a history for organizers only, of many in one statement more', async () => {
    const { world, as } = await createTeam()
    await world.organize(create(kind), { input: { eventSlug: 'spring', ...kind.input } })
    const list = (fields: string) =>
      kind.type === 'Speaker'
        ? `{ event(slug: "spring") { speakers { nodes { name ${fields} } } } }`
        : `{ event(slug: "spring") { ${kind.field}s { name ${fields} } } }`
    const plain = await as.CO_ORGANIZER(list(''))
    const { errors, statements } = await as.CO_ORGANIZER(list('history { nodes { version } }'))
    expect(errors).toBeUndefined()
    expect(statements).toBe(plain.statements + 1)
    for (const member of ['TRACK_ORGANIZER', 'MODERATOR', 'REVIEWER'] as const) {
      const refused = await as[member](list('history { nodes { version } }'))
      expect(refused.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    }
  })

  test('is held to the version that a change was made for', async () => {
    const { world, part } = await scene(kind)
    const { id } = part
    await world.organize(update(kind), { id, patch: kind.patch })
    for (const mutation of [update(kind), remove(kind), restore(kind)]) {
      const { errors } = await world.organize(mutation, { id, patch: { name: 'Late' }, expectedVersion: 1 })
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'CONFLICT', current: { version: 2 } })
      expect(errors?.[0]?.extensions.changedFields.toSorted()).toEqual(Object.keys(kind.patch).toSorted())
    }
  })

  test('is deleted restorably', async () => {
    const { world, part, names } = await scene(kind)
    const { id } = part
    expect(await names()).toContain(kind.input.name)
    const gone = await world.organize(remove(kind), { id, expectedVersion: 1 })
    expect(gone.data[`delete${kind.type}`][kind.field]).toEqual({ version: 2 })
    expect(await names()).not.toContain(kind.input.name)
    for (const mutation of [update(kind), remove(kind)]) {
      const { errors } = await world.organize(mutation, { id, patch: { name: 'Ghost' } })
      expect(errors?.[0]?.extensions.code).toBe('NOT_FOUND')
    }
    const back = await world.organize(restore(kind), { id, expectedVersion: 2 })
    expect(back.data[`restore${kind.type}`][kind.field]).toEqual({ ...kind.stored, version: 3 })
    expect(await names()).toContain(kind.input.name)
    const again = await world.organize(restore(kind), { id })
    expect(again.data[`restore${kind.type}`][kind.field].version).toBe(3)
  })

  test('has a name, of one line, that need not be its own alone', async () => {
    const { world, part } = await scene(kind)
    const { id } = part
    const twin = await world.organize(create(kind), { input: { eventSlug: 'spring', ...kind.input } })
    expect(twin.errors).toBeUndefined()
    for (const [name, message] of [
      ['  ', /must not be blank/],
      ['a\nb', /control character U\+000A/],
      ['a\u0000', /control character U\+0000/],
      ['x'.repeat(501), /at most 500/],
      [null, /can't be cleared/],
    ] as const) {
      const { errors } = await world.organize(update(kind), { id, patch: { name } })
      expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT' })
      expect(errors?.[0]?.extensions.issues).toEqual([
        { path: ['patch', 'name'], message: expect.stringMatching(message) },
      ])
    }
  })

  test('that does not exist is not found, whatever the id looks like', async () => {
    const { world, programme } = await scene(kind)
    for (const id of ['0197a3b2-0000-7000-8000-000000000000', "' OR 1=1 --", '', programme.eventId]) {
      for (const mutation of [update(kind), remove(kind), restore(kind)]) {
        const { errors } = await world.organize(mutation, { id, patch: { name: 'x' } })
        expect(errors?.[0]).toMatchObject({
          message: `There is no ${noun.replace('sessionType', 'session type')} ${JSON.stringify(id)} that you may see.`,
          extensions: { code: 'NOT_FOUND' },
        })
      }
    }
    const nowhere = await world.organize(create(kind), { input: { eventSlug: 'nowhere', ...kind.input } })
    expect(nowhere.errors?.[0]?.extensions.code).toBe('NOT_FOUND')
  })

  test('is for organizers to add, change, delete and restore', async () => {
    const { world, programme, as } = await createTeam()
    const made = await world.organize(create(kind), { input: { eventSlug: 'spring', ...kind.input } })
    const { id } = made.data[`create${kind.type}`][kind.field]
    const allowed: Member[] = ['OWNER', 'ORGANIZER', 'CO_ORGANIZER']
    const codes = async (member: Member) => {
      const variables = { id, patch: { name: member }, input: { eventSlug: 'spring', ...kind.input } }
      const answers = []
      for (const mutation of [create, update, remove, restore])
        answers.push(await as[member](mutation(kind), variables))
      return answers.map(({ errors }) => errors?.[0]?.extensions.code)
    }
    // A speaker who holds no public session is there for the team only.
    const hidden = kind.type === 'Speaker'
    for (const member of Object.keys(as) as Member[]) {
      const is = hidden && ['SPEAKER', 'VISITOR'].includes(member) ? 'NOT_FOUND' : 'FORBIDDEN'
      expect({ member, codes: await codes(member) }).toEqual({
        member,
        codes: allowed.includes(member)
          ? [undefined, undefined, undefined, undefined]
          : ['FORBIDDEN', is, is, is],
      })
    }
    await world.sql(`UPDATE events SET state = 'draft' WHERE id = $1`, [programme.eventId])
    expect(await codes('VISITOR')).toEqual(['NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND'])
    await world.sql(`UPDATE events SET state = 'published' WHERE id = $1`, [programme.eventId])
    await world.organize(remove(kind), { id })
    expect(await codes('VISITOR')).toEqual(['FORBIDDEN', 'NOT_FOUND', 'NOT_FOUND', 'NOT_FOUND'])
  })
})
