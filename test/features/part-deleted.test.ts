import { describe, expect, test } from 'vitest'
import { mintToken, organizerOfEverything } from '../../src/access/tokens.ts'
import { createTeam, type Member, type Team } from './team.ts'

const bin = (fields = 'kind name', args = '') =>
  `{ event(slug: "spring") { deletedParts${args} { ${fields} } } }`

/** One of each kind, deleted in the order of the alphabet. */
async function deleteOneOfEach({ programme, as }: Team) {
  const slug = 'eventSlug: "spring"'
  const { data } = await as.OWNER(
    `mutation { createBreak(input: { ${slug}, name: "Lunch", startsAt: "2027-03-27T11:00:00Z", endsAt: "2027-03-27T12:00:00Z" }) { break { id } } }`,
  )
  const gone = {
    Break: data.createBreak.break.id as string,
    Room: programme.rooms[1]!,
    SessionType: programme.types[1]!,
    Speaker: programme.speakers[1]!,
    Track: programme.tracks[1]!,
  }
  for (const [type, id] of Object.entries(gone)) {
    const { errors } = await as.OWNER(`mutation { delete${type}(id: "${id}") { __typename } }`)
    expect(errors).toBeUndefined()
  }
  return gone
}

describe('what of a programme is deleted', () => {
  test('is listed to who may restore it, the latest first, in one statement, and restored from there', async () => {
    const team = await createTeam()
    const gone = await deleteOneOfEach(team)
    const { data, statements } = await team.as.CO_ORGANIZER(bin('kind id name version deletedAt'))
    const { deletedParts } = data.event
    expect(deletedParts.map(({ deletedAt: _at, ...part }: { deletedAt: string }) => part)).toEqual([
      { kind: 'TRACK', id: gone.Track, name: 'Data', version: 2 },
      { kind: 'SPEAKER', id: gone.Speaker, name: 'Bo', version: 2 },
      { kind: 'SESSION_TYPE', id: gone.SessionType, name: 'Workshop', version: 2 },
      { kind: 'ROOM', id: gone.Room, name: 'Attic', version: 2 },
      { kind: 'BREAK', id: gone.Break, name: 'Lunch', version: 2 },
    ])
    const instants = deletedParts.map(({ deletedAt }: { deletedAt: string }) => deletedAt)
    expect(instants).toEqual(instants.toSorted().toReversed())
    expect(statements).toBe(3)
    const restore = `mutation { restoreRoom(id: "${gone.Room}", expectedVersion: 2) { room { name } } }`
    expect((await team.as.CO_ORGANIZER(restore)).data.restoreRoom.room).toEqual({ name: 'Attic' })
    const left = await team.as.CO_ORGANIZER(bin('kind', '(first: 2, kinds: [ROOM, BREAK, TRACK])'))
    expect(left.data.event.deletedParts).toEqual([{ kind: 'TRACK' }, { kind: 'BREAK' }])
  })

  test.each(['TRACK_ORGANIZER', 'MODERATOR', 'REVIEWER', 'SPEAKER', 'VISITOR'] as const)(
    'is not told to a %s',
    async (member: Member) => {
      const team = await createTeam()
      await deleteOneOfEach(team)
      const { data, errors } = await team.as[member](bin())
      expect(data.event.deletedParts).toBeNull()
      expect(errors?.[0]).toMatchObject({ extensions: { code: 'FORBIDDEN' } })
      expect(errors?.[0]?.message).not.toMatch(/Attic|Data|Bo|Lunch|Workshop/)
    },
  )

  test('is told as far as a token may restore it', async () => {
    const team = await createTeam()
    await deleteOneOfEach(team)
    const { world } = team
    const seenBy = async (permission: 'programme:edit' | 'speaker:manage') => {
      const values = { ...organizerOfEverything, permissions: [permission], label: permission }
      const { token } = await mintToken(world.operator.db, values)
      const { data } = await world.ask(bin('kind'), {}, { authorization: `Bearer ${token}` })
      return data.event.deletedParts.map(({ kind }: { kind: string }) => kind)
    }
    expect(await seenBy('speaker:manage')).toEqual(['SPEAKER'])
    expect(await seenBy('programme:edit')).toEqual(['TRACK', 'SESSION_TYPE', 'ROOM', 'BREAK'])
  })

  test('has nothing of other events, and nobody who was erased', async () => {
    const team = await createTeam()
    const gone = await deleteOneOfEach(team)
    const days = 'startsAt: "2027-01-01T00:00:00Z", endsAt: "2027-01-02T00:00:00Z"'
    const create = `mutation { createEvent(input: { slug: "other", name: "O", timeZone: "UTC", ${days} }) { event { deletedParts { name } } } }`
    expect((await team.as.OWNER(create)).data.createEvent.event.deletedParts).toEqual([])
    await team.world.sql('UPDATE speakers SET erased_at = now() WHERE id = $1', [gone.Speaker])
    expect((await team.as.OWNER(bin('kind', '(kinds: [SPEAKER])'))).data.event.deletedParts).toEqual([])
  })

  test.each([-1, 1001])('is not given for first: %s', async (first) => {
    const { as } = await createTeam()
    const { errors } = await as.OWNER(bin('kind', `(first: ${first})`))
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', issues: [{ path: ['first'] }] })
  })
})
