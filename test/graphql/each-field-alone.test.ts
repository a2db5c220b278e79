import {
  getNamedType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  isLeafType,
  isObjectType,
} from 'graphql'
import { expect, test } from 'vitest'
import { executableSchema } from '../../src/graphql/schema.ts'
import { hashOfSecret, mintToken, organizerOfEverything } from '../../src/access/tokens.ts'
import { createProgramme, createSession, type Programme } from '../features/programme.ts'
import { type Answer, createWorld, type World } from '../world.ts'

/**
 * Rows are typed whole but fetched as far as a query asks, so a plan that forgets what a resolver needs shows only
 * when the field is asked for alone. Each field alone must answer what it answers beside all the others.
 */
test('every field answers the same alone as with all the others', async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  await createSession(world, programme, {
    abstract: 'x',
    startsAt: '2027-03-27T10:00:00Z',
    endsAt: '2027-03-27T11:00:00Z',
    trackId: programme.tracks[0],
    roomId: programme.rooms[0],
    sessionTypeId: programme.types[0],
    speakerIds: programme.speakers,
  })
  const [startsAt, endsAt] = [new Date('2027-03-27T10:00:00Z'), new Date('2027-03-27T11:00:00Z')]
  const { db } = world.operator
  await db.break.create({ data: { eventId: programme.eventId, name: 'Lunch', startsAt, endsAt } })
  await db.room.updateMany({ data: { openFrom: [startsAt], openUntil: [endsAt] } })
  await db.event.updateMany({ data: { venue: { name: 'Hall' } } })
  await addPeople(world, programme)
  const schema = executableSchema()
  const places: [string, (fields: string) => string, (data: Answer['data']) => Record<string, unknown>][] = [
    ['Event', (fields) => `{ event(slug: "spring") { ${fields} } }`, (data) => data.event],
    [
      'Session',
      (fields) => `{ event(slug: "spring") { sessions { nodes { ${fields} } } } }`,
      (data) => data.event.sessions.nodes[0],
    ],
    [
      'Session',
      (fields) => `{ event(slug: "spring") { sessions { edges { node { ${fields} } } } } }`,
      (data) => data.event.sessions.edges[0].node,
    ],
    [
      'SessionConnection',
      (fields) => `{ event(slug: "spring") { sessions { ${fields} } } }`,
      (data) => data.event.sessions,
    ],
    [
      'SpeakerConnection',
      (fields) => `{ event(slug: "spring") { speakers { ${fields} } } }`,
      (data) => data.event.speakers,
    ],
    ['EventConnection', (fields) => `{ events { ${fields} } }`, (data) => data.events],
    [
      'PageInfo',
      (fields) => `{ event(slug: "spring") { sessions { pageInfo { ${fields} } } } }`,
      (data) => data.event.sessions.pageInfo,
    ],
    [
      'Track',
      (fields) => `{ event(slug: "spring") { tracks { ${fields} } } }`,
      (data) => data.event.tracks[0],
    ],
    ['Room', (fields) => `{ event(slug: "spring") { rooms { ${fields} } } }`, (data) => data.event.rooms[0]],
    [
      'SessionType',
      (fields) => `{ event(slug: "spring") { sessionTypes { ${fields} } } }`,
      (data) => data.event.sessionTypes[0],
    ],
    [
      'Break',
      (fields) => `{ event(slug: "spring") { breaks { ${fields} } } }`,
      (data) => data.event.breaks[0],
    ],
    [
      'Period',
      (fields) => `{ event(slug: "spring") { rooms { openingHours { ${fields} } } } }`,
      (data) => data.event.rooms[0].openingHours[0],
    ],
    [
      'Speaker',
      (fields) => `{ event(slug: "spring") { speakers { nodes { ${fields} } } } }`,
      (data) => data.event.speakers.nodes[0],
    ],
    [
      'Member',
      (fields) => `{ event(slug: "spring") { members { nodes { ${fields} } } } }`,
      (data) => data.event.members.nodes[0],
    ],
    [
      'Invitation',
      (fields) => `{ event(slug: "spring") { invitations { nodes { ${fields} } } } }`,
      (data) => data.event.invitations.nodes[0],
    ],
    [
      'AccessToken',
      (fields) => `{ event(slug: "spring") { tokens { nodes { ${fields} } } } }`,
      (data) => data.event.tokens.nodes[0],
    ],
    ['TokenViewer', (fields) => `{ viewer { ... on TokenViewer { ${fields} } } }`, (data) => data.viewer],
    ['ViewerRole', (fields) => `{ viewer { roles { ${fields} } } }`, (data) => data.viewer.roles[0]],
  ]
  for (const [typeName, query, pick] of places) {
    const fields = selectionsOf(schema.getType(typeName) as GraphQLObjectType)
    const together = await world.organize(query(fields.join(' ')))
    expect({ typeName, errors: together.errors }).toEqual({ typeName, errors: undefined })
    for (const field of fields) {
      const alone = await world.organize(query(field))
      expect({ typeName, field, errors: alone.errors }).toEqual({ typeName, field, errors: undefined })
      const name = field.split(' ')[0]!
      expect({ typeName, ...pick(alone.data) }).toEqual({ typeName, [name]: pick(together.data)[name] })
    }
  }
})

/** A member who runs a track, an invitation, and a token that acts for the member at the event. */
async function addPeople(world: World, { eventId, tracks }: Programme): Promise<void> {
  const { db } = world.operator
  const { id: userId } = await db.user.create({
    data: { issuer: 'local', subject: 'x', email: 'x@example.org' },
  })
  const role = { role: 'TRACK_ORGANIZER' as const, trackIds: [...tracks] }
  await db.membership.create({ data: { eventId, userId, ...role } })
  const offer = {
    email: 'y@example.org',
    expiresAt: new Date('2999-01-01T00:00:00Z'),
    hash: hashOfSecret('y'),
  }
  await db.invitation.create({ data: { eventId, ...role, ...offer } })
  await mintToken(db, { ...organizerOfEverything, eventIds: [eventId], userId, label: 'x' })
}

function selectionsOf(type: GraphQLObjectType): string[] {
  return Object.values(type.getFields()).map((field) => {
    const inner = getNamedType(field.type)
    if (isLeafType(inner)) return field.name
    const nodes = isObjectType(inner) ? inner.getFields()['nodes'] : undefined
    return nodes === undefined
      ? `${field.name} { ${anyField(inner)} }`
      : `${field.name} { nodes { ${anyField(getNamedType(nodes.type))} } }`
  })
}

function anyField(type: GraphQLNamedType): string {
  return isObjectType(type) && 'id' in type.getFields() ? 'id' : '__typename'
}
