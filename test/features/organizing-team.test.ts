import { describe, expect, test } from 'vitest'
import { lastingIssuer } from '../issuer.ts'
import { type Answer, createWorld, type World } from '../world.ts'

/** What somebody asks, by a token that they minted themselves. */
type Ask = (query: string, variables?: object) => Promise<Answer>

const people = ['olga', 'coco', 'tina', 'ada', 'bo', 'vera'] as const
type Person = (typeof people)[number]

/** Olga owns the event, Coco co-organizes it, Tina runs the track Time, Ada and Bo speak, Vera only visits. */
interface Team {
  readonly world: World
  readonly as: Readonly<Record<Person, Ask>>
  readonly eventId: string
  readonly tracks: { readonly Time: string; readonly Data: string }
  readonly rooms: { readonly Hall: string; readonly Attic: string }
  readonly speakers: { readonly ada: string; readonly bo: string }
  readonly talk: string
}

/** A team whose programme holds these sessions: two of Ada, of which one is in Tina's track, one of Bo. */
interface Programme extends Team {
  readonly sessions: { readonly clocks: string; readonly zones: string; readonly joins: string }
}

/** @throws Error where it is refused */
async function done(answer: Promise<Answer>): Promise<Answer['data']> {
  const { data, errors } = await answer
  if (errors !== undefined) throw new Error(errors.map(({ message }) => message).join('\n'))
  return data
}

async function gatherTeam(): Promise<Team> {
  const issuer = await lastingIssuer()
  const world = await createWorld({ oidc: issuer })
  const asker = async (name: Person): Promise<[Person, Ask]> => {
    const email = { email: `${name}@example.org`, email_verified: true }
    const authorization = `Bearer ${await issuer.sign({ sub: name, name, ...email })}`
    const mint = `mutation { mintToken(input: { label: "${name}" }) { secret } }`
    const { mintToken } = await done(world.ask(mint, {}, { authorization }))
    return [
      name,
      (query, variables) => world.ask(query, variables, { authorization: `Bearer ${mintToken.secret}` }),
    ]
  }
  const as = Object.fromEntries(await Promise.all(people.map(asker))) as Team['as']

  const { createEvent } = await done(
    as.olga(`mutation { createEvent(input: { slug: "summit", name: "Autumn Summit", timeZone: "Europe/Berlin",
      startsAt: "2027-10-30T06:00:00Z", endsAt: "2027-10-31T19:00:00Z" }) { event { id } } }`),
  )
  const parts = await done(
    as.olga(`mutation {
      time: createTrack(input: { eventSlug: "summit", name: "Time", color: "#aa0000" }) { track { id } }
      data: createTrack(input: { eventSlug: "summit", name: "Data" }) { track { id } }
      invited: inviteMember(input: { eventSlug: "summit", email: "coco@example.org", role: CO_ORGANIZER }) { secret } }`),
  )
  const tracks = { Time: parts.time.track.id, Data: parts.data.track.id }
  const { inviteMember } = await done(
    as.olga(
      `mutation ($trackIds: [ID!]) { inviteMember(input: { eventSlug: "summit", email: "tina@example.org",
        role: TRACK_ORGANIZER, trackIds: $trackIds }) { secret } }`,
      { trackIds: [tracks.Time] },
    ),
  )
  expect(await accepted(as.coco, parts.invited.secret)).toBe('CO_ORGANIZER')
  expect(await accepted(as.tina, inviteMember.secret)).toBe('TRACK_ORGANIZER')

  const made = await done(
    as.coco(`mutation {
      hall: createRoom(input: { eventSlug: "summit", name: "Hall", capacity: 300 }) { room { id } }
      attic: createRoom(input: { eventSlug: "summit", name: "Attic", openingHours: [
        { startsAtLocal: "2027-10-30T09:00", endsAtLocal: "2027-10-30T18:00" }] }) { room { id } }
      createBreak(input: { eventSlug: "summit", name: "Lunch",
        startsAtLocal: "2027-10-30T12:00", endsAtLocal: "2027-10-30T13:00" }) { break { startsAt } }
      talk: createSessionType(input: { eventSlug: "summit", name: "Talk", durationMinutes: 45 }) { sessionType { id } }
      ada: createSpeaker(input: { eventSlug: "summit", name: "Ada" }) { speaker { id } }
      bo: createSpeaker(input: { eventSlug: "summit", name: "Bo" }) { speaker { id } } }`),
  )
  const speakers = { ada: made.ada.speaker.id, bo: made.bo.speaker.id }
  for (const name of ['ada', 'bo'] as const) {
    const invite = `mutation ($id: ID!) { inviteSpeaker(input: { speakerId: $id, email: "${name}@example.org" }) { secret } }`
    const { inviteSpeaker } = await done(as.coco(invite, { id: speakers[name] }))
    expect(await accepted(as[name], inviteSpeaker.secret)).toBe('SPEAKER')
  }
  return {
    ...{ world, as, tracks, speakers, eventId: createEvent.event.id, talk: made.talk.sessionType.id },
    rooms: { Hall: made.hall.room.id, Attic: made.attic.room.id },
  }
}

async function accepted(ask: Ask, secret: string): Promise<string> {
  const accept = `mutation ($secret: String!) { acceptInvitation(secret: $secret) { role } }`
  return (await done(ask(accept, { secret }))).acceptInvitation.role
}

const handIn = `mutation ($input: CreateSessionInput!) { createSession(input: $input) { session { id state submittedAt } } }`

const become = `mutation ($id: ID!, $to: SessionState!) { changeSessionState(id: $id, to: $to) {
  session { state availableTransitions } } }`

const place = `mutation ($placements: [PlacementInput!]!) { placeSessions(placements: $placements) {
  sessions { title startsAt endsAtLocal room { name } } conflicts { kind message sessions { title } } } }`

const swap = `mutation ($one: ID!, $other: ID!) { swapSessions(one: { id: $one }, other: { id: $other }) {
  sessions { title startsAtLocal endsAtLocal room { name } } } }`

const edit = `mutation ($id: ID!, $patch: SessionPatch!) { updateSession(id: $id, patch: $patch) { session { abstract } } }`

const lock = `mutation ($id: ID!, $content: Boolean!) { setSessionLocks(id: $id, content: $content) { session { isLocked } } }`

const publish = `mutation ($id: ID!) { updateEvent(id: $id, patch: { state: PUBLISHED }) { event { state } } }`

/** Handed in by the speakers themselves, accepted, and placed on the Saturday: Ada at ten and eleven, Bo at two. */
async function gatherProgramme(): Promise<Programme> {
  const team = await gatherTeam()
  const { as, tracks, rooms, talk } = team
  const session = async (name: 'ada' | 'bo', title: string, more: object = {}) => {
    const { viewer } = await done(as[name]('{ viewer { roles { speaker { id } } } }'))
    const input = { eventSlug: 'summit', title, speakerIds: [viewer.roles[0].speaker.id], ...more }
    const { createSession } = await done(as[name](handIn, { input: { ...input, state: 'PENDING' } }))
    expect(Date.parse(createSession.session.submittedAt)).toBeGreaterThan(0)
    return createSession.session.id as string
  }
  const clocks = await session('ada', 'Clocks', { trackId: tracks.Time, sessionTypeId: talk })
  const zones = await session('ada', 'Zones')
  const joins = await session('bo', 'Joins', { trackId: tracks.Data })
  await done(as.tina(become, { id: clocks, to: 'ACCEPTED' }))
  await done(as.coco(become, { id: zones, to: 'ACCEPTED' }))
  await done(as.coco(become, { id: joins, to: 'ACCEPTED' }))
  const slots = [
    [clocks, '10:00', '10:45', rooms.Hall],
    [zones, '11:00', '11:30', rooms.Hall],
    [joins, '14:00', '15:00', rooms.Attic],
  ]
  const placements = slots.map(([sessionId, start, end, roomId]) => ({
    ...{ sessionId, roomId, startsAtLocal: `2027-10-30T${start}`, endsAtLocal: `2027-10-30T${end}` },
  }))
  const { placeSessions } = await done(as.coco(place, { placements }))
  expect(placeSessions.conflicts).toEqual([])
  return { ...team, sessions: { clocks, zones, joins } }
}

/** All that a refused mutation could have changed: versions, the history, and who is what. */
async function everything({ world }: Team): Promise<unknown> {
  return world.sql(`
    SELECT (SELECT count(*) FROM revisions) AS revisions,
           (SELECT json_agg(json_build_array(id, version) ORDER BY id) FROM sessions) AS sessions,
           (SELECT json_agg(json_build_array(user_id, role, track_ids) ORDER BY id) FROM memberships) AS members,
           (SELECT json_agg(json_build_array(id, accepted_at, revoked_at) ORDER BY id) FROM invitations) AS invitations,
           (SELECT json_agg(json_build_array(id, revoked_at, hash) ORDER BY id) FROM access_tokens) AS tokens`)
}

describe('an organizing team', () => {
  test('builds up a programme, places it, moves and swaps, locks, withdraws, and publishes what is left', async () => {
    const { as, eventId, rooms, sessions } = await gatherProgramme()
    const { clocks, zones, joins } = sessions
    const confirmed = await done(as.bo(become, { id: joins, to: 'CONFIRMED' }))
    expect(confirmed.changeSessionState.session).toEqual({
      ...{ state: 'CONFIRMED', availableTransitions: ['WITHDRAWN'] },
    })

    // Onto another session and into the lunch: done, and told.
    const moved = await done(
      as.coco(place, { placements: [{ sessionId: zones, startsAtLocal: '2027-10-30T10:30' }] }),
    )
    expect(moved.placeSessions.conflicts).toEqual([
      {
        kind: 'ROOM_DOUBLE_BOOKED',
        message: 'Two sessions are in "Hall" from 2027-10-30 10:30 to 10:45.',
        sessions: [{ title: 'Clocks' }, { title: 'Zones' }],
      },
      {
        kind: 'SPEAKER_DOUBLE_BOOKED',
        message: '"Ada" holds two sessions from 2027-10-30 10:30 to 10:45.',
        sessions: [{ title: 'Clocks' }, { title: 'Zones' }],
      },
    ])

    // Into the night in which the clocks go back: half past two happens twice, and the length stays half an hour.
    const night = { sessionId: zones, startsAtLocal: '2027-10-31T02:45' }
    const unclear = await as.coco(place, { placements: [night] })
    expect(unclear.errors?.[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      issues: [{ path: ['placements', 0, 'startsAtLocal'] }],
    })
    const first = await done(as.coco(place, { placements: [{ ...night, disambiguation: 'EARLIER' }] }))
    expect(first.placeSessions).toEqual({
      sessions: [
        {
          title: 'Zones',
          startsAt: '2027-10-31T00:45:00.000Z',
          endsAtLocal: '2027-10-31T02:15:00',
          room: { name: 'Hall' },
        },
      ],
      conflicts: [],
    })

    const { swapSessions } = await done(as.coco(swap, { one: clocks, other: joins }))
    expect(swapSessions.sessions).toEqual([
      {
        title: 'Clocks',
        startsAtLocal: '2027-10-30T14:00:00',
        endsAtLocal: '2027-10-30T15:00:00',
        room: { name: 'Attic' },
      },
      {
        title: 'Joins',
        startsAtLocal: '2027-10-30T10:00:00',
        endsAtLocal: '2027-10-30T10:45:00',
        room: { name: 'Hall' },
      },
    ])

    expect((await done(as.tina(lock, { id: clocks, content: true }))).setSessionLocks.session).toEqual({
      isLocked: true,
    })
    const late = await as.ada(edit, { id: clocks, patch: { abstract: 'One more thing' } })
    expect(late.errors?.[0]?.extensions.code).toBe('LOCKED')
    await done(as.tina(lock, { id: clocks, content: false }))
    const again = await done(as.ada(edit, { id: clocks, patch: { abstract: 'One more thing' } }))
    expect(again.updateSession.session.abstract).toBe('One more thing')
    expect((await done(as.ada(become, { id: zones, to: 'WITHDRAWN' }))).changeSessionState.session).toEqual({
      ...{ state: 'WITHDRAWN', availableTransitions: [] },
    })
    expect((await done(as.olga(publish, { id: eventId }))).updateEvent.event.state).toBe('PUBLISHED')

    const programme = `{ event(slug: "summit") { sessions { totalCount nodes { title startsAtLocal room { name } } }
      speakers { nodes { name } } scheduleConflicts { kind sessions { title } } } }`
    const seen = await done(as.vera(programme))
    expect(seen.event).toEqual({
      sessions: {
        totalCount: 2,
        nodes: [
          { title: 'Joins', startsAtLocal: '2027-10-30T10:00:00', room: { name: 'Hall' } },
          { title: 'Clocks', startsAtLocal: '2027-10-30T14:00:00', room: { name: 'Attic' } },
        ],
      },
      speakers: { nodes: [{ name: 'Ada' }, { name: 'Bo' }] },
      scheduleConflicts: [],
    })
    const tooLong = [{ kind: 'LONGER_THAN_TYPE', sessions: [{ title: 'Clocks' }] }]
    expect((await done(as.olga(programme))).event.scheduleConflicts).toEqual(tooLong)
    expect((await done(as.ada(programme))).event.scheduleConflicts).toEqual(tooLong)
    expect((await done(as.bo(programme))).event.scheduleConflicts).toEqual([])

    const history = `query ($id: ID!) { session(id: $id) { history { nodes { actor { label } changes { field } } } } }`
    const { nodes } = (await done(as.coco(history, { id: zones }))).session.history
    expect(nodes[0]).toEqual({ actor: { label: 'ada' }, changes: [{ field: 'state' }] })

    // The room closes for good, or so it seems.
    await done(as.coco('mutation ($id: ID!) { deleteRoom(id: $id) { room { id } } }', { id: rooms.Attic }))
    const bin = '{ event(slug: "summit") { deletedParts { kind id name } } }'
    const { deletedParts } = (await done(as.coco(bin))).event
    expect(deletedParts).toEqual([{ kind: 'ROOM', id: rooms.Attic, name: 'Attic' }])
    const restore = 'mutation ($id: ID!) { restoreRoom(id: $id) { room { sessions { nodes { title } } } } }'
    expect((await done(as.coco(restore, { id: rooms.Attic }))).restoreRoom.room.sessions.nodes).toEqual([
      { title: 'Clocks' },
    ])
  })

  test('hands the event over, and a token that is revoked is good for nothing', async () => {
    const { as, eventId } = await gatherTeam()
    const members = '{ event(slug: "summit") { members { nodes { id role user { name } } } } }'
    const listed = (await done(as.olga(members))).event.members.nodes
    const coco = listed.find(({ user }: { user: { name: string } }) => user.name === 'coco')
    const transfer = `mutation ($id: ID!, $to: ID!) { transferEvent(id: $id, toMemberId: $to) {
      owner { role user { name } } formerOwner { role user { name } } } }`
    expect((await done(as.olga(transfer, { id: eventId, to: coco.id }))).transferEvent).toEqual({
      owner: { role: 'OWNER', user: { name: 'coco' } },
      formerOwner: { role: 'ORGANIZER', user: { name: 'olga' } },
    })
    const back = await as.olga(transfer, { id: eventId, to: listed[0].id })
    expect(back.errors?.[0]?.extensions.code).toBe('FORBIDDEN')

    const { viewer } = await done(as.tina('{ viewer { ... on TokenViewer { token { id } } } }'))
    const revoke = 'mutation ($id: ID!) { revokeToken(id: $id) { token { revokedAt } } }'
    const { token } = (await done(as.tina(revoke, { id: viewer.token.id }))).revokeToken
    expect(Date.parse(token.revokedAt)).toBeGreaterThan(0)
    const after = await as.tina('{ event(slug: "summit") { name } }')
    expect(after.errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
  })
})

describe('what they should not is refused, and changes nothing', () => {
  test('whatever the owner, the organizers, the speakers and the visitor try', async () => {
    const team = await gatherProgramme()
    const { as, eventId, tracks, rooms, speakers, sessions } = team
    const { clocks, zones, joins } = sessions
    const at = (sessionId: string) => ({ placements: [{ sessionId, startsAtLocal: '2027-10-30T16:00' }] })
    const mine = { eventSlug: 'summit', title: 'More', speakerIds: [speakers.ada] }
    const invite = `mutation { inviteMember(input: { eventSlug: "summit", email: "x@example.org", role: ORGANIZER }) { secret } }`
    const room = 'mutation ($id: ID!) { deleteRoom(id: $id) { room { id } } }'
    const leave = 'mutation ($id: ID!) { leaveEvent(id: $id) { memberId } }'
    const remove = 'mutation ($id: ID!) { deleteSession(id: $id) { session { id } } }'
    const biography =
      'mutation ($id: ID!) { updateSpeaker(id: $id, patch: { biography: "!" }) { speaker { id } } }'
    const tried: [Person, string, object, string][] = [
      ['olga', leave, { id: eventId }, 'BAD_USER_INPUT'],
      ['olga', become, { id: clocks, to: 'DRAFT' }, 'BAD_USER_INPUT'],
      ['coco', publish, { id: eventId }, 'FORBIDDEN'],
      ['coco', invite, {}, 'FORBIDDEN'],
      ['coco', swap, { one: clocks, other: clocks }, 'BAD_USER_INPUT'],
      ['tina', become, { id: joins, to: 'REJECTED' }, 'FORBIDDEN'],
      ['tina', place, { placements: [...at(clocks).placements, ...at(joins).placements] }, 'FORBIDDEN'],
      ['tina', swap, { one: clocks, other: joins }, 'FORBIDDEN'],
      ['tina', edit, { id: clocks, patch: { trackId: tracks.Data } }, 'FORBIDDEN'],
      ['tina', edit, { id: zones, patch: { trackId: tracks.Time } }, 'FORBIDDEN'],
      ['tina', remove, { id: zones }, 'FORBIDDEN'],
      ['tina', room, { id: rooms.Attic }, 'FORBIDDEN'],
      ['ada', handIn, { input: { ...mine, state: 'ACCEPTED' } }, 'FORBIDDEN'],
      ['ada', handIn, { input: { ...mine, speakerIds: [speakers.bo] } }, 'FORBIDDEN'],
      ['ada', handIn, { input: { ...mine, roomId: rooms.Hall } }, 'FORBIDDEN'],
      ['ada', become, { id: clocks, to: 'REJECTED' }, 'FORBIDDEN'],
      ['ada', place, at(clocks), 'FORBIDDEN'],
      ['ada', lock, { id: clocks, content: false }, 'FORBIDDEN'],
      ['ada', remove, { id: clocks }, 'FORBIDDEN'],
      ['ada', swap, { one: clocks, other: joins }, 'NOT_FOUND'],
      ['bo', edit, { id: clocks, patch: { abstract: 'By Bo' } }, 'NOT_FOUND'],
      ['bo', become, { id: zones, to: 'WITHDRAWN' }, 'NOT_FOUND'],
      ['bo', biography, { id: speakers.ada }, 'NOT_FOUND'],
      ['vera', publish, { id: eventId }, 'NOT_FOUND'],
      ['vera', handIn, { input: mine }, 'NOT_FOUND'],
      ['vera', edit, { id: clocks, patch: { title: 'Mine' } }, 'NOT_FOUND'],
      ['vera', place, at(clocks), 'NOT_FOUND'],
      ['vera', room, { id: rooms.Attic }, 'NOT_FOUND'],
    ]
    const before = await everything(team)
    const came: [Person, string, object, string][] = []
    for (const [person, mutation, variables] of tried) {
      const { data, errors } = await as[person](mutation, variables)
      expect(Object.values(data)).toEqual([null])
      came.push([person, mutation, variables, errors?.[0]?.extensions.code])
    }
    expect(came).toEqual(tried)
    expect(await everything(team)).toEqual(before)
  })

  test('what is hidden from a viewer is in no list, count, search, history or conflict of theirs', async () => {
    const { as, eventId, sessions, speakers } = await gatherProgramme()
    await done(as.olga(publish, { id: eventId }))
    await done(as.coco(become, { id: sessions.joins, to: 'REJECTED' }))
    await done(
      as.coco(place, { placements: [{ sessionId: sessions.zones, startsAtLocal: '2027-10-30T10:15' }] }),
    )
    const look = `query ($joins: ID!, $bo: ID!) { session(id: $joins) { title }
      event(slug: "summit") { scheduleConflicts { kind } speakers { totalCount nodes { name } }
        sessions { totalCount } rejected: sessions(filter: { states: [REJECTED] }) { totalCount }
        searched: sessions(filter: { text: "Joins" }) { totalCount }
        ofBo: sessions(filter: { speakerIds: [$bo] }) { totalCount }
        tracks { name sessions(first: 5) { nodes { title } } } rooms { name sessions(first: 5) { nodes { title } } } } }`
    const variables = { joins: sessions.joins, bo: speakers.bo }
    const none = { totalCount: 0 }
    const hidden = {
      // It was public before, which is told of by its id alone.
      session: { title: 'Joins' },
      event: {
        speakers: { totalCount: 1, nodes: [{ name: 'Ada' }] },
        ...{ sessions: { totalCount: 2 }, rejected: none, searched: none, ofBo: none },
        tracks: [
          { name: 'Time', sessions: { nodes: [{ title: 'Clocks' }] } },
          { name: 'Data', sessions: { nodes: [] } },
        ],
        rooms: [
          { name: 'Hall', sessions: { nodes: [{ title: 'Clocks' }, { title: 'Zones' }] } },
          { name: 'Attic', sessions: { nodes: [] } },
        ],
      },
    }
    const conflicts = [{ kind: 'ROOM_DOUBLE_BOOKED' }, { kind: 'SPEAKER_DOUBLE_BOOKED' }]
    const withConflicts = (of: object[]) => ({ ...hidden, event: { ...hidden.event, scheduleConflicts: of } })
    expect(await done(as.vera(look, variables))).toEqual(withConflicts([]))
    expect(await done(as.ada(look, variables))).toEqual(withConflicts(conflicts))
    const ofBo = await done(as.bo(look, variables))
    expect([ofBo.session, ofBo.event.rejected, ofBo.event.scheduleConflicts]).toEqual([
      { title: 'Joins' },
      { totalCount: 1 },
      [],
    ])
    const history = `query ($id: ID!) { session(id: $id) { history { totalCount } } }`
    for (const person of ['ada', 'bo'] as const) {
      const { data, errors } = await as[person](history, {
        id: person === 'ada' ? sessions.clocks : sessions.joins,
      })
      expect([data.session.history, errors?.[0]?.extensions.code]).toEqual([null, 'FORBIDDEN'])
    }
  })

  test('a double booking that the event refuses names where it was asked for', async () => {
    const { as, eventId, sessions } = await gatherProgramme()
    const refuse = `mutation ($id: ID!) { updateEvent(id: $id, patch: { conflictPolicy: REFUSE }) { event { id } } }`
    await done(as.coco(become, { id: sessions.zones, to: 'WITHDRAWN' }))
    await done(
      as.coco(place, { placements: [{ sessionId: sessions.zones, startsAtLocal: '2027-10-30T10:15' }] }),
    )
    await done(as.coco(refuse, { id: eventId }))
    const { errors } = await as.coco(become, { id: sessions.zones, to: 'ACCEPTED' })
    expect(errors?.[0]?.extensions).toMatchObject({
      code: 'BAD_USER_INPUT',
      issues: [{ path: ['to'] }, { path: ['to'] }],
    })
  })
})
