import { expect, test } from 'vitest'
import { createProgramme, createSession } from '../features/programme.ts'
import { createWorld } from '../world.ts'

test('a mutation that fails leaves those beside it standing, so that nobody repeats what is done', async () => {
  const world = await createWorld()
  await createProgramme(world)
  const { data, errors } = await world.organize(`mutation {
    first: createSession(input: { eventSlug: "spring", title: "First" }) { session { title } }
    wrong: createSession(input: { eventSlug: "spring", title: "" }) { session { title } }
    last: createSession(input: { eventSlug: "spring", title: "Last" }) { session { title } }
  }`)
  expect(data).toEqual({
    first: { session: { title: 'First' } },
    wrong: null,
    last: { session: { title: 'Last' } },
  })
  expect(errors?.map(({ path }) => path)).toEqual([['wrong']])
  expect(await world.sql('SELECT title FROM sessions ORDER BY id')).toEqual([
    { title: 'First' },
    { title: 'Last' },
  ])
})

test('what the viewer may not read empties only itself', async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  await createSession(world, programme, { title: 'Public', speakerIds: programme.speakers })
  const [startsAt, endsAt] = [new Date('2027-03-27T10:00:00Z'), new Date('2027-03-27T11:00:00Z')]
  await world.operator.db.break.create({
    data: { eventId: programme.eventId, name: 'Lunch', startsAt, endsAt },
  })
  const history = 'history { totalCount }'
  const { data, errors } = await world.ask(`{ event(slug: "spring") {
    name members { totalCount } invitations { totalCount } tokens { totalCount } ${history} deletedParts { id }
    tracks { name ${history} } rooms { name ${history} } sessionTypes { name ${history} } breaks { name ${history} }
    speakers { nodes { name ${history} } } sessions { nodes { title ${history} } }
  } }`)
  const without = (...names: string[]) => names.map((name) => ({ name, history: null }))
  expect(data.event).toEqual({
    ...{
      name: 'Spring meeting',
      members: null,
      invitations: null,
      tokens: null,
      history: null,
      deletedParts: null,
    },
    ...{ tracks: without('Time', 'Data'), rooms: without('Hall', 'Attic') },
    ...{ sessionTypes: without('Talk', 'Workshop'), breaks: without('Lunch') },
    ...{
      speakers: { nodes: without('Ada', 'Bo') },
      sessions: { nodes: [{ title: 'Public', history: null }] },
    },
  })
  expect(errors?.map(({ extensions }) => extensions.code)).toEqual(
    Array.from({ length: 15 }, () => 'UNAUTHENTICATED'),
  )
})
