import { expect, test } from 'vitest'
import { createProgramme, createSession } from '../features/programme.ts'
import { createTeam } from '../features/team.ts'

const connection = (args: string) => `(first: 0${args}) {
  nodes { __typename } edges { cursor node { __typename } } totalCount
  pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }`
const firstCursor = '(first: 1) { edges { cursor } }'

/** Every list with pages: where it lies, and the way to it in the answer. */
const lists: readonly [name: string, query: (list: string) => string, path: readonly string[]][] = [
  ['events', (list) => `{ events${list} }`, ['events']],
  ...['sessions', 'speakers', 'members', 'invitations', 'tokens', 'history'].map(
    (field): [string, (list: string) => string, string[]] => [
      `Event.${field}`,
      (list) => `{ event(slug: "spring") { ${field}${list} } }`,
      ['event', field],
    ],
  ),
  ...['tracks', 'rooms', 'sessionTypes'].map((field): [string, (list: string) => string, string[]] => [
    `sessions of ${field}`,
    (list) => `{ event(slug: "spring") { ${field} { sessions${list} } } }`,
    ['event', field, '0', 'sessions'],
  ]),
  [
    'sessions of speakers',
    (list) => `{ event(slug: "spring") { speakers(first: 1) { nodes { sessions${list} } } } }`,
    ['event', 'speakers', 'nodes', '0', 'sessions'],
  ],
]

test('a page of none tells how many there are and whether there are more, and stays where it was', async () => {
  const { world, programme, as } = await createTeam()
  for (const title of ['A', 'B', 'C']) {
    await createSession(world, programme, {
      ...{
        title,
        trackId: programme.tracks[0],
        roomId: programme.rooms[0],
        sessionTypeId: programme.types[0],
      },
      speakerIds: programme.speakers,
    })
  }
  await createProgramme(world, 'autumn')
  for (const email of ['a@example.org', 'b@example.org']) {
    await as.OWNER(
      `mutation { inviteMember(input: { eventSlug: "spring", role: REVIEWER, email: "${email}" }) { secret } }`,
    )
    await as.OWNER(
      `mutation { mintToken(input: { label: "x", eventIds: ["${programme.eventId}"] }) { secret } }`,
    )
  }
  await as.OWNER(
    `mutation { updateEvent(id: "${programme.eventId}", patch: { name: "N" }) { event { id } } }`,
  )
  for (const [name, query, path] of lists) {
    const read = async (list: string) => {
      const { data, errors } = await as.OWNER(query(list))
      expect([name, errors]).toEqual([name, undefined])
      return path.reduce((value, step) => value[step], data)
    }
    const none = { nodes: [], edges: [], totalCount: expect.any(Number) }
    const atTheStart = { hasNextPage: true, hasPreviousPage: false, startCursor: null, endCursor: null }
    expect([name, await read(connection(''))]).toEqual([name, { ...none, pageInfo: atTheStart }])
    const alone = await read('(first: 0) { pageInfo { hasNextPage endCursor } }')
    expect([name, alone]).toEqual([name, { pageInfo: { hasNextPage: true, endCursor: null } }])
    const { cursor } = (await read(firstCursor)).edges[0]
    const afterTheFirst = { hasNextPage: true, hasPreviousPage: true, startCursor: null, endCursor: cursor }
    expect([name, await read(connection(`, after: "${cursor}"`))]).toEqual([
      name,
      { ...none, pageInfo: afterTheFirst },
    ])
  }
})
