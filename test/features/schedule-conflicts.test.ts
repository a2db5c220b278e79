import { describe, expect, test } from 'vitest'
import { createWorld, type World } from '../world.ts'
import { createProgramme, createSession, type Programme } from './programme.ts'

const conflicts = `{ event(slug: "spring") { scheduleConflicts {
  kind severity message startsAt endsAt sessions { title } room { name } speaker { name } break { name } } } }`

interface Conflict {
  readonly kind: string
  readonly severity: string
  readonly message: string
  readonly startsAt: string
  readonly endsAt: string | null
  readonly sessions: { title: string }[]
  readonly room: { name: string } | null
  readonly speaker: { name: string } | null
  readonly break: { name: string } | null
}

async function scene() {
  const world = await createWorld()
  const programme = await createProgramme(world)
  const add = (title: string, startsAt: string | null, endsAt: string | null, more: object = {}) =>
    createSession(world, programme, { title, startsAt, endsAt, ...more })
  return { world, programme, add, read: () => conflictsIn(world), kinds: () => kindsIn(world) }
}

async function conflictsIn(world: World): Promise<Conflict[]> {
  const { data, errors } = await world.organize(conflicts)
  expect(errors).toBeUndefined()
  return data.event.scheduleConflicts
}

/** 'ROOM_DOUBLE_BOOKED A, B' */
async function kindsIn(world: World): Promise<string[]> {
  const found = await conflictsIn(world)
  return found.map(({ kind, sessions }) => `${kind} ${sessions.map(({ title }) => title).join(', ')}`)
}

const at = (time: string, day = 27) => `2027-03-${day}T${time}:00+01:00`

describe('a room', () => {
  test('that two sessions have at the same time is told of, once, on the event, both sessions and the payload', async () => {
    const { world, programme, add, read } = await scene()
    const [roomId] = programme.rooms
    const first = await add('Early', at('10:00'), at('11:00'), { roomId })
    const { data } = await world.organize(
      `mutation ($input: CreateSessionInput!) { createSession(input: $input) {
        session { id } conflicts { kind sessions { id } } } }`,
      {
        input: {
          ...{ eventSlug: 'spring', title: 'Late', state: 'CONFIRMED', roomId },
          ...{ startsAt: at('10:30'), endsAt: at('11:30') },
        },
      },
    )
    const second = data.createSession.session.id
    const pair = { kind: 'ROOM_DOUBLE_BOOKED', sessions: [{ id: first }, { id: second }] }
    expect(data.createSession.conflicts).toEqual([pair])
    expect(await read()).toEqual([
      {
        kind: 'ROOM_DOUBLE_BOOKED',
        severity: 'ERROR',
        message: 'Two sessions are in "Hall" from 2027-03-27 10:30 to 2027-03-27 11:00.',
        startsAt: '2027-03-27T09:30:00.000Z',
        endsAt: '2027-03-27T10:00:00.000Z',
        sessions: [{ title: 'Early' }, { title: 'Late' }],
        room: { name: 'Hall' },
        speaker: null,
        break: null,
      },
    ])
    const each = await world.organize(
      '{ event(slug: "spring") { sessions { nodes { scheduleConflicts { kind sessions { id } } } } } }',
    )
    expect(each.data.event.sessions.nodes).toEqual([
      { scheduleConflicts: [pair] },
      { scheduleConflicts: [pair] },
    ])
  })
})
