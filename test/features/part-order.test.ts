import { describe, expect, test } from 'vitest'
import { createWorld } from '../world.ts'
import { createProgramme } from './programme.ts'
import { createTeam, type Member } from './team.ts'

describe.each([
  ['Tracks', 'tracks', 'tracks', 'track', 'createTrack'],
  ['Rooms', 'rooms', 'rooms', 'room', 'createRoom'],
  ['SessionTypes', 'sessionTypes', 'types', 'session type', 'createSessionType'],
] as const)('the order of %s', (type, field, key, noun, create) => {
  const reorder = `mutation ($eventSlug: String!, $ids: [ID!]!) { reorder${type}(eventSlug: $eventSlug, ids: $ids) {
    event { slug ${field} { id version position } } } }`

  async function scene() {
    const world = await createWorld()
    const programme = await createProgramme(world)
    const input = { eventSlug: 'spring', name: 'Last' }
    const inputType = `C${create.slice(1)}Input`
    const { data } = await world.organize(
      `mutation ($input: ${inputType}!) { made: ${create}(input: $input) { part: ${noun.replace('session type', 'sessionType')} { id position } } }`,
      { input },
    )
    const [first, second] = programme[key] as [string, string]
    const order = (ids: readonly string[]) => world.organize(reorder, { eventSlug: 'spring', ids })
    return {
      world,
      programme,
      first,
      second,
      last: data.made.part as { id: string; position: number },
      order,
    }
  }

  test('ends with what is new, and is changed at once, what stays where it is left alone', async () => {
    const { first, second, last, order } = await scene()
    expect(last.position).toBe(2)
    const { data, errors, statements } = await order([last.id.toUpperCase(), second, first])
    expect(errors).toBeUndefined()
    expect(data[`reorder${type}`].event).toEqual({
      slug: 'spring',
      [field]: [
        { id: last.id, version: 2, position: 0 },
        { id: second, version: 1, position: 1 },
        { id: first, version: 2, position: 2 },
      ],
    })
    expect(statements).toBeLessThanOrEqual(9)
    const again = await order([last.id, second, first])
    expect(again.data).toEqual(data)
  })

  test('names all of the event, each once, and nothing else', async () => {
    const { world, first, second, last, order } = await scene()
    const foreign = (await createProgramme(world, 'autumn'))[key][0]!
    const { errors } = await order([first, first, foreign, 'x'])
    expect(errors?.[0]?.extensions.issues).toEqual([
      { path: ['ids', 1], message: `names the ${noun} "${first}" twice.` },
      { path: ['ids', 2], message: `There is no ${noun} "${foreign}" in this event.` },
      { path: ['ids', 3], message: `There is no ${noun} "x" in this event.` },
      { path: ['ids'], message: expect.stringContaining(second) },
      { path: ['ids'], message: expect.stringContaining(`"Last" (${last.id})`) },
    ])
    const table = field === 'sessionTypes' ? 'session_types' : field
    expect(await world.sql(`SELECT max(version) AS newest FROM ${table}`)).toEqual([{ newest: 1 }])
  })

  test('is for organizers to change', async () => {
    const { world, programme, as } = await createTeam()
    const variables = { eventSlug: 'spring', ids: programme[key].toReversed() }
    const codes: [string, unknown][] = []
    for (const member of Object.keys(as) as Member[]) {
      codes.push([member, (await as[member](reorder, variables)).errors?.[0]?.extensions.code])
    }
    const refused = codes.filter(([, code]) => code === 'FORBIDDEN').map(([member]) => member)
    expect(refused).toEqual(['TRACK_ORGANIZER', 'MODERATOR', 'REVIEWER', 'SPEAKER', 'VISITOR'])
    expect(codes.filter(([, code]) => code === undefined)).toHaveLength(3)
    await world.sql(`UPDATE events SET state = 'draft'`)
    expect((await as.VISITOR(reorder, variables)).errors?.[0]?.extensions.code).toBe('NOT_FOUND')
  })
})

test('a colour is #rrggbb, and a usual length up to a week', async () => {
  const world = await createWorld()
  const { tracks, types } = await createProgramme(world)
  for (const color of ['red', '#12345', '#1234567', 'javascript:', '#00000g', '']) {
    const { errors } = await world.organize(
      `mutation ($color: String) { updateTrack(id: "${tracks[0]}", patch: { color: $color }) { track { color } } }`,
      { color },
    )
    expect(errors?.[0]?.extensions.issues).toEqual([
      { path: ['patch', 'color'], message: "must be a colour such as '#00a0ff'." },
    ])
  }
  for (const minutes of [0, -5, 10_081]) {
    const { errors } = await world.organize(
      `mutation { updateSessionType(id: "${types[0]}", patch: { durationMinutes: ${minutes} }) { sessionType { id } } }`,
    )
    expect(errors?.[0]?.extensions.issues).toEqual([
      { path: ['patch', 'durationMinutes'], message: 'must be 1 to 10,080 minutes.' },
    ])
  }
})
