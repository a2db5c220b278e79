import { expect, test } from 'vitest'
import { createSession } from './programme.ts'
import { createTeam } from './team.ts'

const summary = `query ($since: DateTime!, $first: Int, $after: String) { changesSummary(eventSlug: "spring", since: $since) {
  newCount movedCount canceledCount renamedCount
  changes(first: $first, after: $after) { totalCount pageInfo { endCursor hasNextPage }
    nodes { kinds title formerTitle session { title } from { startsAt endsAt room } to { startsAt endsAt room } } } } }`

test('what changed since an instant is netted and told as far as somebody sees it, in one statement', async () => {
  const { world, programme, as } = await createTeam()
  const { rooms } = programme
  const at = (hour: number) => {
    const until = (minutes: string) => `2027-03-27T${String(hour).padStart(2, '0')}:${minutes}:00.000Z`
    return { startsAt: until('00'), endsAt: until('30') }
  }
  const make = (title: string, hour: number, more: object = {}) =>
    createSession(world, programme, { title, roomId: rooms[0], ...at(hour), ...more })
  const patch = async (id: string, values: object) => {
    const mutation = `mutation ($id: ID!, $patch: SessionPatch!) { updateSession(id: $id, patch: $patch) { session { id } } }`
    expect((await world.organize(mutation, { id, patch: values })).errors).toBeUndefined()
  }
  const ids = {
    moved: await make('Moved', 10),
    back: await make('Moved and back', 11),
    canceled: await make('Canceled', 12),
    both: await make('Old name', 13),
    untouched: await make('In a renamed room', 14, { roomId: rooms[1] }),
    draft: await make('Secret', 15, { state: 'DRAFT' }),
    deleted: await make('Deleted', 16),
    taken: await make('Canceled before', 17),
  }
  await patch(ids.taken, { state: 'CANCELED' })
  const { data } = await world.ask('{ sessionChanges(eventSlug: "spring") { serverTime } }')
  const since = data.sessionChanges.serverTime
  const nothing = { newCount: 0, movedCount: 0, canceledCount: 0, renamedCount: 0 }
  expect((await world.ask(summary, { since })).data.changesSummary).toMatchObject({
    ...nothing,
    changes: { totalCount: 0, nodes: [] },
  })

  await patch(ids.moved, { ...at(18), roomId: rooms[1] })
  await patch(ids.moved, { ...at(9), roomId: rooms[1], abstract: 'More.' })
  await patch(ids.back, { ...at(18), roomId: rooms[1], title: 'For a while' })
  await patch(ids.back, { ...at(11), roomId: rooms[0], title: 'Moved and back' })
  await patch(ids.canceled, { ...at(20), title: 'Never seen so' })
  await patch(ids.canceled, { state: 'CANCELED' })
  await patch(ids.both, { title: 'New name', endsAt: at(14).startsAt })
  await patch(ids.draft, { title: 'More secret', ...at(8) })
  await world.sql('UPDATE sessions SET deleted_at = now() WHERE id = ANY ($1)', [[ids.deleted, ids.taken]])
  const gone = await make('Came and went', 18)
  await world.organize(`mutation { deleteSession(id: "${gone}") { session { id } } }`)
  await world.sql(`UPDATE rooms SET name = 'Loft' WHERE id = $1`, [rooms[1]])
  await make('New', 19, { roomId: rooms[1] })

  const publicly = await world.ask(summary, { since })
  expect([publicly.errors, publicly.statements]).toEqual([undefined, 2])
  const nobody = { formerTitle: null, session: null, to: null }
  const seen = [
    {
      ...{ kinds: ['MOVED'], title: 'Moved', formerTitle: null, session: { title: 'Moved' } },
      ...{ from: { ...at(10), room: 'Hall' }, to: { ...at(9), room: 'Loft' } },
    },
    { ...nobody, kinds: ['CANCELED'], title: 'Canceled', from: { ...at(12), room: 'Hall' } },
    {
      ...{
        kinds: ['MOVED', 'RENAMED'],
        title: 'New name',
        formerTitle: 'Old name',
        session: { title: 'New name' },
      },
      ...{ from: { ...at(13), room: 'Hall' }, to: { ...at(13), endsAt: at(14).startsAt, room: 'Hall' } },
    },
    { ...nobody, kinds: ['CANCELED'], title: 'Deleted', from: { ...at(16), room: 'Hall' } },
    {
      ...{ kinds: ['NEW'], title: 'New', formerTitle: null, session: { title: 'New' } },
      ...{ from: null, to: { ...at(19), room: 'Loft' } },
    },
  ]
  expect(publicly.data.changesSummary).toEqual({
    ...{ newCount: 1, movedCount: 2, canceledCount: 2, renamedCount: 1 },
    changes: { totalCount: 5, pageInfo: expect.objectContaining({ hasNextPage: false }), nodes: seen },
  })
  const two = (await world.ask(summary, { since, first: 2 })).data.changesSummary.changes
  const rest = await world.ask(summary, { since, first: 200, after: two.pageInfo.endCursor })
  expect([...two.nodes, ...rest.data.changesSummary.changes.nodes]).toEqual(seen)
  expect(two.pageInfo.hasNextPage).toBe(true)

  const team = (await as.ORGANIZER(summary, { since })).data.changesSummary
  expect(team.changes.nodes.map((node: { title: string }) => node.title)).toEqual([
    ...['More secret', 'Moved', 'Canceled', 'New name', 'Deleted', 'New'],
  ])
  await world.sql('UPDATE events SET shows_canceled = false')
  expect((await world.ask(summary, { since })).data.changesSummary).toMatchObject({
    canceledCount: 0,
    changes: { totalCount: 3 },
  })
  for (const [slug, instant, code] of [['nowhere', since, 'NOT_FOUND']]) {
    const query = `{ changesSummary(eventSlug: "${slug}", since: "${instant}") { until } }`
    expect((await world.ask(query)).errors?.[0]?.extensions.code).toBe(code)
  }
})
