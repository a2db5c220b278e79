import {
  type GraphQLEnumType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isCompositeType,
  getNamedType,
  isObjectType,
} from 'graphql'
import { describe, expect, test } from 'vitest'
import { allPermissions, permissions } from '../../src/access/permissions.ts'
import { executableSchema } from '../../src/graphql/schema.ts'
import { hashOfSecret, mintToken, organizerOfEverything } from '../../src/access/tokens.ts'
import { type Asker, gatherAskers, reaches, type Scene } from './askers.ts'
import { type FieldNeed, fieldNeeds, makeSession, mutationNeeds, places, seesEvent } from './needs.ts'

const schema = executableSchema()

describe('the table of what everything needs', () => {
  test('has every field of the schema, and no other', () => {
    const needed = Object.entries(fieldNeeds).flatMap(([type, fields]) =>
      Object.keys(fields).map((field) => `${type}.${field}`),
    )
    expect(needed.toSorted()).toEqual(fieldsOf(schema).toSorted())
  })

  test('has every mutation of the schema, and no other', () => {
    const mutations = Object.keys(schema.getMutationType()!.getFields())
    expect(Object.keys(mutationNeeds).toSorted()).toEqual(mutations.toSorted())
  })

  test('is what the schema says of each mutation and of each field that needs something', () => {
    const fieldsSaid = Object.entries(fieldNeeds).flatMap(([type, fields]) =>
      Object.entries(fields).flatMap(([field, need]) => {
        if (need === 'nothing') return []
        const { description } = (schema.getType(type) as GraphQLObjectType).getFields()[field]!
        const needed = typeof need === 'string' ? need : need.orNull
        return description?.includes(needed) === true ? [] : [`${type}.${field} needs ${needed}`]
      }),
    )
    const mutationsSaid = Object.entries(mutationNeeds).flatMap(([name, attempts]) => {
      const { description } = schema.getMutationType()!.getFields()[name]!
      const needed = [...new Set(Object.values(attempts).flatMap(({ needs }) => needs))]
      // The life cycle is told by availableTransitions, not by a permission.
      const told = needed.filter((one) => !['session:decide', 'session:withdraw'].includes(one))
      return told.filter((one) => description?.includes(one) !== true).map((one) => `${name} needs ${one}`)
    })
    expect([...fieldsSaid, ...mutationsSaid]).toEqual([])
  })

  test('has the permissions that the schema lists, described alike', () => {
    const listed = (schema.getType('Permission') as GraphQLEnumType).getValues()
    const described = allPermissions.map((one) => {
      const { means } = permissions[one]
      return [one, `${means.slice(0, 1).toUpperCase()}${means.slice(1)}.`]
    })
    expect(listed.map(({ value, description }) => [value, description])).toEqual(described)
  })

  test('has a use for every permission but those of reading', () => {
    const used = new Set<string>([
      ...Object.values(mutationNeeds).flatMap((attempts) =>
        Object.values(attempts).flatMap(({ needs }) => needs),
      ),
      ...Object.values(fieldNeeds).flatMap((fields) =>
        Object.values(fields).map((need) => (typeof need === 'string' ? need : need.orNull)),
      ),
    ])
    const unused = Object.keys(permissions).filter((one) => !used.has(one) && !/:read/.test(one))
    expect(unused).toEqual([])
  })
})

test('there is a place to look at each type that the table has', () => {
  expect(Object.keys(fieldNeeds).filter((type) => type !== 'Query' && places[type] === undefined)).toEqual([])
})

describe.each(['PUBLISHED', 'DRAFT'] as const)('at an event that is %s', (state) => {
  test('every mutation lets those and only those whom the table lets, and betrays nothing', async () => {
    const scene = await gatherAskers(state)
    // Every attempt makes parts of its own, far more than an event may have.
    for (const table of ['tracks', 'rooms', 'session_types', 'breaks', 'session_speakers'])
      await scene.world.sql(`ALTER TABLE ${table} DISABLE TRIGGER bounded`)
    const wrong: string[] = []
    for (const [name, attempts] of Object.entries(mutationNeeds)) {
      for (const [what, { make, takenBack }] of Object.entries(attempts)) {
        const attempt = async (asker: Asker) => {
          const { mutation, outcome } = await make(scene, asker)
          const { errors } = await asker.ask(`mutation { ${mutation} }`)
          const came = errors === undefined ? 'done' : errors[0]!.extensions.code
          if (came !== outcome) wrong.push(`${asker.name}: ${name}, ${what}: ${came} instead of ${outcome}`)
        }
        const askers = scene.askers.filter(isConcerned(state))
        if (takenBack === undefined) await Promise.all(askers.map(attempt))
        else {
          for (const asker of askers) {
            await attempt(asker)
            await takenBack(scene)
          }
        }
      }
    }
    expect(wrong).toEqual([])
  }, 900_000)

  test('every field lets those and only those whom the table lets', async () => {
    const scene = await gatherAskers(state)
    await furnish(scene)
    const wrong: string[] = []
    for (const [type, place] of Object.entries(places)) {
      const objectType = schema.getType(type) as GraphQLObjectType
      const needs = Object.entries(fieldNeeds[type]!)
      const open = needs.filter(([, need]) => need === 'nothing').map(([field]) => field)
      const look = async (asker: Asker) => {
        // In a draft, nothing is public: its sessions are seen by whoever may read all.
        const needed = place.needs ?? (type === 'Session' && state === 'DRAFT' ? 'session:read' : null)
        const isThere = needed === null || reaches(asker, needed)
        if (!isThere || !seesEvent(scene, asker)) return
        const { errors } = await asker.ask(queryOf(place.at, objectType, open))
        if (errors !== undefined) wrong.push(`${asker.name}: ${type}: ${errors[0]!.message}`)
        for (const [field, need] of needs) {
          if (need === 'nothing') continue
          const { data, errors: refusals } = await asker.ask(queryOf(place.at, objectType, [field]))
          const came = refusals?.[0]?.extensions.code ?? (holdsValue(data, field) ? 'value' : 'null')
          const expected = expectedOf(asker, need, type)
          if (came !== expected) wrong.push(`${asker.name}: ${type}.${field}: ${came} instead of ${expected}`)
        }
      }
      await Promise.all(scene.askers.map(look))
    }
    expect(wrong).toEqual([])
  }, 300_000)
})

/** That an event is a draft makes a difference to whoever has no part in it; of the others, one is enough. */
function isConcerned(state: 'PUBLISHED' | 'DRAFT') {
  return ({ name, roles, userId }: Asker) =>
    state === 'PUBLISHED' ||
    ['owner', 'speaker', 'admin'].includes(name) ||
    (roles.length < 2 && userId !== null)
}

/** Of the speakers that are asked, one is the speaker who asks; of the sessions none is. */
function expectedOf(asker: Asker, need: Exclude<FieldNeed, 'nothing'>, type: string): string {
  const target = { inTrack: false, isOwn: type === 'Speaker' }
  if (reaches(asker, typeof need === 'string' ? need : need.orNull, target)) return 'value'
  if (typeof need !== 'string') return 'null'
  return asker.roles.includes('ANONYMOUS') ? 'UNAUTHENTICATED' : 'FORBIDDEN'
}

/** Something of everything, so that each field has a value to hide. */
async function furnish(scene: Scene): Promise<void> {
  const { world, eventId } = scene
  const { db } = world.operator
  await makeSession(scene, { state: 'CONFIRMED', isOwn: false })
  await db.sessionType.create({ data: { eventId, name: 'Talk' } })
  const hours = { from: new Date('2027-05-01T08:00:00Z'), until: new Date('2027-05-01T18:00:00Z') }
  await db.room.updateMany({ data: { openFrom: [hours.from], openUntil: [hours.until] } })
  await db.break.create({ data: { eventId, name: 'Lunch', startsAt: hours.from, endsAt: hours.until } })
  for (const table of ['sessions', 'tracks', 'rooms', 'session_types', 'speakers'])
    await world.sql(`UPDATE ${table} SET source_id = id::text`)
  await mintToken(db, { ...organizerOfEverything, eventIds: [eventId], label: 'x' })
  await db.user.updateMany({ data: { email: 'somebody@example.org' } })
  const offer = {
    email: 'a@example.org',
    expiresAt: new Date(Date.now() + 86_400_000),
    hash: hashOfSecret('x'),
  }
  await db.invitation.create({ data: { eventId, role: 'REVIEWER', ...offer } })
  const { id: tokenId } = await db.accessToken.findFirstOrThrow({ orderBy: { id: 'asc' } })
  const told = { url: 'https://webhooks.invalid/', label: 'x', key: new Uint8Array(32), tokenId }
  const { id: webhookId } = await db.webhook.create({ data: { ...told, eventId, state: 'PAUSED' } })
  const test = { message: 'TEST', messageId: 'msg_x', state: 'FAILED', nextTryAt: new Date() } as const
  await db.webhookDelivery.create({ data: { ...test, webhookId, lane: webhookId } })
}

function queryOf(place: string, type: GraphQLObjectType, fields: readonly string[]): string {
  const selections = fields.map((field) =>
    isCompositeType(getNamedType(type.getFields()[field]!.type)) ? `${field} { __typename }` : field,
  )
  return `{ ${place.replace('HERE', selections.join(' '))} }`
}

function holdsValue(data: unknown, field: string): boolean {
  if (typeof data !== 'object' || data === null) return false
  return Object.entries(data).some(
    ([name, value]) => (name === field && value !== null) || holdsValue(value, field),
  )
}

function fieldsOf(from: GraphQLSchema): string[] {
  return Object.values(from.getTypeMap())
    .filter(
      (type) =>
        isObjectType(type) && !type.name.startsWith('__') && !/^(Mutation|Subscription)$/.test(type.name),
    )
    .filter(({ name }) => !/(Payload|Connection|Edge)$|^PageInfo$/.test(name))
    .flatMap((type) =>
      Object.keys((type as GraphQLObjectType).getFields()).map((field) => `${type.name}.${field}`),
    )
}
