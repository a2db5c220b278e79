import { type GraphQLObjectType, getNamedType, isCompositeType } from 'graphql'
import { describe, expect, test } from 'vitest'
import { hashOfSecret, mintToken, organizerOfEverything } from '../../src/access/tokens.ts'
import { executableSchema } from '../../src/graphql/schema.ts'
import { type Asker, gatherAskers, reaches, type Scene } from './askers.ts'
import { type FieldNeed, fieldNeeds, makeSession, places, seesEvent } from './needs.ts'

const schema = executableSchema()

describe.each(['PUBLISHED', 'DRAFT'] as const)('at an event that is %s', (state) => {
  test('every field lets those and only those whom the table lets', async () => {
    const scene = await gatherAskers(state)
    await furnish(scene)
    const wrong: string[] = []
    const look = async (asker: Asker) => {
      for (const [type, { at, needs }] of Object.entries(places)) {
        // In a draft, nothing is public: its sessions are seen by whoever may read all.
        const needed = needs ?? (type === 'Session' && state === 'DRAFT' ? 'session:read' : null)
        const isThere = needed === null || reaches(asker, needed)
        if (!isThere || !seesEvent(scene, asker)) continue
        const looks = looksAt(type, at, asker)
        const { data, errors = [] } = await asker.ask(`{ ${looks.map(({ query }) => query).join(' ')} }`)
        for (const { alias, field, expected } of looks) {
          const refusal = errors.find(({ path }) => path === undefined || path[0] === alias)
          const shown = field !== null && !holdsValue(data?.[alias], field) ? 'null' : 'value'
          const came = refusal?.extensions.code ?? shown
          if (came !== expected) wrong.push(`${asker.name}: ${alias}: ${came} instead of ${expected}`)
        }
      }
    }
    await Promise.all(scene.askers.map(look))
    expect(wrong).toEqual([])
  }, 300_000)
})

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

interface Look {
  /** The type and, but for all that needs nothing, the field. */
  readonly alias: string
  readonly field: string | null
  readonly query: string
  readonly expected: string
}

/** Looks at what needs nothing of a type, and at each other field by itself, since one that is refused may take all with it. */
function looksAt(type: string, place: string, asker: Asker): Look[] {
  const fields = (schema.getType(type) as GraphQLObjectType).getFields()
  const needs = Object.entries(fieldNeeds[type]!)
  const selected = (field: string) =>
    isCompositeType(getNamedType(fields[field]!.type)) ? `${field} { __typename }` : field
  const query = (alias: string, ...names: string[]) =>
    `${alias}: ${place.replace('HERE', names.map(selected).join(' '))}`
  const open = needs.filter(([, need]) => need === 'nothing').map(([field]) => field)
  const closed = needs.flatMap(([field, need]) => {
    const alias = `${type}_${field}`
    if (need === 'nothing') return []
    return [{ alias, field, query: query(alias, field), expected: expectedOf(asker, need, type) }]
  })
  return [{ alias: type, field: null, query: query(type, ...open), expected: 'value' }, ...closed]
}

function holdsValue(data: unknown, field: string): boolean {
  if (typeof data !== 'object' || data === null) return false
  return Object.entries(data).some(
    ([name, value]) => (name === field && value !== null) || holdsValue(value, field),
  )
}
