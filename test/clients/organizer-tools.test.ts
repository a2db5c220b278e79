import { expect, test } from 'vitest'
import type { SavedSessionFragment } from '../../src/generated/client-operations.ts'
import { createSession } from '../features/programme.ts'
import { type Inventia, slug } from './inventia.ts'
import { answersTo, expectedOf, type ScreensFor } from './screens.ts'

const statements = {
  AcceptOneRejectAnother: 9,
  AddBreak: 7,
  AddRoom: 7,
  AddSession: 12,
  AddSpeaker: 6,
  AllSessionsByState: 2,
  BackToTheShelf: 6,
  CreateEvent: 7,
  DecideOnSession: 5,
  DeleteSession: 5,
  DeleteTheme: 6,
  DeletedSessions: 2,
  DragSession: 11,
  EventEditForm: 2,
  EventsIWorkOn: 2,
  HistoryOfASession: 4,
  InviteToTheTeam: 10,
  LatestChanges: 3,
  LinkRecordings: 5,
  LockSession: 5,
  MintToken: 8,
  MoveEventToAnotherZone: 10,
  OrderRooms: 8,
  PlaceManySessions: 9,
  PlaceSession: 8,
  PublishEvent: 5,
  RestoreSession: 5,
  RevokeInvitation: 7,
  RoomsAndThemes: 2,
  SaveEvent: 5,
  SaveRoom: 6,
  SaveSession: 5,
  ScheduleEditor: 3,
  SessionAsItWas: 5,
  SessionEditForm: 2,
  SetSpeakers: 10,
  SpeakersDirectory: 2,
  SubmissionsToDecide: 2,
  SwapSessions: 7,
  TakeOutOfTheSchedule: 6,
  TeamOfTheEvent: 6,
  TokensOfTheEvent: 5,
  UndoEventChange: 10,
  UndoSessionChange: 9,
  WhatIMayDo: 2,
}

/** Every screen works on things of its own, so that none depends on another. */
const screens: ScreensFor<typeof statements> = {
  EventsIWorkOn: {
    given: async ({ world }) => {
      await newEvent(world, 'dashboard-draft')
      return {}
    },
    shows: ({ events }) =>
      events.nodes
        .filter(({ slug: name }) => ['dashboard-draft', 'demo-conference'].includes(name))
        .map(({ slug: name, state, all, undecided }) => [name, state, all.totalCount, undecided.totalCount]),
    expected: [
      ['dashboard-draft', 'DRAFT', 0, 0],
      ['demo-conference', 'PUBLISHED', 7, 1],
    ],
  },
  CreateEvent: {
    given: () => ({ input: { ...eventValues, slug: 'made-by-the-form', description: 'Two days.' } }),
    shows: ({ createEvent: { event } }) => [event.slug, event.state, event.startsAt, event.version],
    expected: ['made-by-the-form', 'DRAFT', '2032-06-05T08:00:00.000Z', 1],
  },
  EventEditForm: {
    given: () => ({ slug }),
    shows: ({ event }) => [event?.name, event?.timeZone, event?.startsAtLocal, event?.version],
    expected: ['Inventia 2031', 'Europe/Berlin', '2031-05-01T00:00:00', 1],
  },
  SaveEvent: {
    given: async ({ world }) => {
      const { id } = await newEvent(world, 'to-be-saved')
      return { id, expectedVersion: 1, patch: { name: 'Saved', description: null } }
    },
    shows: ({ updateEvent: { event } }) => [event.name, event.slug, event.description, event.version],
    expected: ['Saved', 'to-be-saved', null, 2],
  },
  PublishEvent: {
    given: async ({ world }) => ({ id: (await newEvent(world, 'to-be-published')).id, expectedVersion: 1 }),
    shows: ({ updateEvent: { event } }) => [event.state, event.version],
    expected: ['PUBLISHED', 2],
  },
  MoveEventToAnotherZone: {
    given: async ({ world }) => {
      const { id } = await newEvent(world, 'to-be-moved')
      for (const startsAtLocal of ['2032-06-05T11:00', '2032-06-05T14:00']) {
        await createSession(world, { slug: 'to-be-moved' }, { startsAtLocal })
      }
      return { id, expectedVersion: 1, timeZone: 'America/New_York' }
    },
    shows: ({ updateEvent: { event } }) => [
      event.startsAt,
      event.startsAtLocal,
      event.sessions.nodes.map(({ startsAt, startsAtLocal }) => [startsAt, startsAtLocal]),
    ],
    expected: [
      '2032-06-05T14:00:00.000Z',
      '2032-06-05T10:00:00',
      [
        ['2032-06-05T15:00:00.000Z', '2032-06-05T11:00:00'],
        ['2032-06-05T18:00:00.000Z', '2032-06-05T14:00:00'],
      ],
    ],
  },
  UndoEventChange: {
    given: async ({ world }) => {
      const { id } = await newEvent(world, 'to-be-undone')
      await world.sql(`UPDATE events SET name = 'A mistake' WHERE id = $1`, [id])
      return { id, expectedVersion: 2, toVersion: 1 }
    },
    shows: ({ revertEvent: { event } }) => [event.name, event.version],
    expected: ['Summer meeting', 3],
  },
  SubmissionsToDecide: {
    given: () => ({ slug, trackIds: null }),
    shows: ({ event }) => {
      const { title, submittedAt, availableTransitions } = event!.sessions.nodes[0]!
      return [title, submittedAt !== null, availableTransitions]
    },
    expected: ['A first submission', true, ['ACCEPTED', 'CONFIRMED', 'REJECTED', 'WITHDRAWN']],
  },
  AllSessionsByState: {
    given: () => ({ slug, states: ['CONFIRMED', 'ACCEPTED'], first: 25, after: null }),
    shows: ({ event }) => {
      const { nodes, pageInfo } = event!.sessions
      return [nodes.length, nodes[0]?.title, nodes[0]?.speakers.length, pageInfo.hasNextPage]
    },
    expected: [25, 'Caches a field guide', 1, true],
  },
  SessionEditForm: {
    given: ({ idOf }) => ({ id: idOf('session', 'Maps for beginners') }),
    shows: ({ session }) => [
      session?.title,
      session?.startsAtLocal,
      session?.speakers.map(({ name }) => name),
      session?.event.tracks.some(({ id }) => id === session.track?.id),
      session?.event.rooms.map(({ name }) => name),
      session?.event.sessionTypes.map(({ name }) => name),
      session?.event.speakers.nodes.length,
    ],
    expected: [
      'Maps for beginners',
      '2031-05-01T11:30:00',
      ['Speaker 10'],
      true,
      ['Aula', 'Bridge', 'Cellar', 'Dome'],
      ['lecture'],
      45,
    ],
  },
  AddSession: {
    given: ({ idOf }) => ({
      input: {
        eventSlug: slug,
        title: 'Put in by hand',
        state: 'ACCEPTED',
        startsAtLocal: '2031-05-01T18:00',
        endsAtLocal: '2031-05-01T18:45',
        roomId: idOf('room', 'Aula'),
        trackId: idOf('track', 'People'),
        speakerIds: [idOf('speaker', 'Speaker 03'), idOf('speaker', 'Speaker 01')],
      },
    }),
    shows: ({ createSession: { session } }) => [
      ...saved(session),
      session.startsAt,
      session.speakers.map(({ name }) => name),
    ],
    expected: ['Put in by hand', 'ACCEPTED', 1, '2031-05-01T16:00:00.000Z', ['Speaker 03', 'Speaker 01']],
  },
  SaveSession: {
    given: ({ idOf }) => ({
      id: idOf('session', 'Zones for beginners'),
      expectedVersion: 1,
      patch: { subtitle: 'Twenty-four and more', level: 'BEGINNER', abstract: null },
    }),
    shows: ({ updateSession: { session } }) => [
      ...saved(session),
      session.subtitle,
      session.level,
      session.abstract,
    ],
    expected: ['Zones for beginners', 'CONFIRMED', 2, 'Twenty-four and more', 'BEGINNER', null],
  },
  PlaceSession: {
    given: ({ idOf }) => ({
      id: idOf('session', 'Stamps for beginners'),
      expectedVersion: 1,
      roomId: idOf('room', 'Dome'),
      startsAtLocal: '2031-05-03T18:00',
      endsAtLocal: '2031-05-03T18:30',
    }),
    shows: ({ updateSession: { session } }) => [...saved(session), session.startsAt, session.room?.name],
    expected: ['Stamps for beginners', 'CONFIRMED', 2, '2031-05-03T16:00:00.000Z', 'Dome'],
  },
  TakeOutOfTheSchedule: {
    given: ({ idOf }) => ({ id: idOf('session', 'Queries for beginners'), expectedVersion: 1 }),
    shows: ({ updateSession: { session } }) => [...saved(session), session.startsAt, session.room],
    expected: ['Queries for beginners', 'CONFIRMED', 2, null, null],
  },
  SetSpeakers: {
    given: ({ idOf }) => ({
      id: idOf('session', 'Indexes for beginners'),
      expectedVersion: 1,
      speakerIds: [idOf('speaker', 'Speaker 09'), idOf('speaker', 'Speaker 02')],
    }),
    shows: ({ updateSession: { session } }) => [...saved(session), session.speakers.map(({ name }) => name)],
    expected: ['Indexes for beginners', 'CONFIRMED', 2, ['Speaker 09', 'Speaker 02']],
  },
  LinkRecordings: {
    given: ({ idOf }) => ({
      id: idOf('session', 'Schemas for beginners'),
      expectedVersion: 1,
      videoUrl: 'https://example.org/schemas.webm',
      slidesUrl: null,
    }),
    shows: ({ updateSession: { session } }) => [session.videoUrl, session.slidesUrl, session.version],
    expected: ['https://example.org/schemas.webm', null, 2],
  },
  DecideOnSession: {
    given: async ({ world }) => ({
      id: await submission(world, 'To be decided'),
      expectedVersion: 1,
      to: 'ACCEPTED',
    }),
    shows: ({ changeSessionState: { session } }) => [...saved(session), session.availableTransitions],
    expected: ['To be decided', 'ACCEPTED', 2, ['PENDING', 'CONFIRMED', 'REJECTED', 'CANCELED', 'WITHDRAWN']],
  },
  AcceptOneRejectAnother: {
    given: async ({ world }) => ({
      accepted: await submission(world, 'To be accepted'),
      rejected: await submission(world, 'To be rejected'),
    }),
    shows: ({ accepted, rejected }) => [saved(accepted!.session), saved(rejected!.session)],
    expected: [
      ['To be accepted', 'ACCEPTED', 2],
      ['To be rejected', 'REJECTED', 2],
    ],
  },
  LockSession: {
    given: ({ idOf }) => ({
      id: idOf('session', 'Caches for beginners'),
      expectedVersion: 1,
      content: true,
      speakerList: null,
    }),
    shows: ({ setSessionLocks: { session } }) => [
      ...saved(session),
      session.isLocked,
      session.isSpeakerListLocked,
    ],
    expected: ['Caches for beginners', 'CONFIRMED', 2, true, false],
  },
  DeleteSession: {
    given: ({ idOf }) => ({ id: idOf('session', 'Queues for beginners'), expectedVersion: 1 }),
    shows: ({ deleteSession: { session } }) => [...saved(session), session.deletedAt !== null],
    expected: ['Queues for beginners', 'CONFIRMED', 2, true],
  },
  DeletedSessions: {
    given: async ({ world, idOf }) => {
      await world.sql('UPDATE sessions SET deleted_at = now() WHERE id = $1', [
        idOf('session', 'Locks for beginners'),
      ])
      return { slug }
    },
    shows: ({ event }) => saved(event!.sessions.nodes[0]!),
    expected: ['Locks for beginners', 'CONFIRMED', 2],
  },
  RestoreSession: {
    given: async ({ world, idOf }) => {
      const id = idOf('session', 'Trees for beginners')
      await world.sql('UPDATE sessions SET deleted_at = now() WHERE id = $1', [id])
      return { id, expectedVersion: 2 }
    },
    shows: ({ restoreSession: { session } }) => [...saved(session), session.deletedAt],
    expected: ['Trees for beginners', 'CONFIRMED', 3, null],
  },
  HistoryOfASession: {
    given: async ({ world, idOf }) => {
      const id = idOf('session', 'Clocks in practice')
      await world.organize(
        `mutation ($id: ID!) { updateSession(id: $id, patch: { subtitle: "And in theory" }) { session { id } } }`,
        { id },
      )
      return { id, first: 10, after: null }
    },
    shows: ({ session }) =>
      session?.history?.nodes.map(({ version, operation, actor, changes }) => [
        version,
        operation,
        actor?.kind,
        actor?.label,
        changes.length,
        changes.find(({ field }) => field === 'subtitle'),
      ]),
    expected: [
      [2, 'UPDATED', 'TOKEN', 'test', 1, { field: 'subtitle', before: null, after: 'And in theory' }],
      [1, 'CREATED', 'OPERATOR', null, 14, undefined],
    ],
  },
  SessionAsItWas: {
    given: async ({ world, idOf }) => {
      const id = idOf('session', 'Zones in practice')
      const [stored] = await world.sql<{ stamp: Date }>(
        'SELECT last_modified_at AS stamp FROM sessions WHERE id = $1',
        [id],
      )
      await world.sql(`UPDATE sessions SET title = 'Zones, renamed' WHERE id = $1`, [id])
      return { id, asOf: stored!.stamp.toISOString() }
    },
    shows: ({ then, now }) =>
      [then, now].map((session) => [
        session?.title,
        session?.version,
        session?.room?.name,
        session?.speakers[0]?.name,
      ]),
    expected: [
      ['Zones in practice', 1, 'Bridge', 'Speaker 13'],
      ['Zones, renamed', 2, 'Bridge', 'Speaker 13'],
    ],
  },
  UndoSessionChange: {
    given: async ({ world, idOf }) => {
      const id = idOf('session', 'Stamps in practice')
      await world.sql(`UPDATE sessions SET title = 'A mistake', subtitle = 'Another' WHERE id = $1`, [id])
      return { id, expectedVersion: 2, toVersion: 1 }
    },
    shows: ({ revertSession: { session } }) => [...saved(session), session.subtitle],
    expected: ['Stamps in practice', 'CONFIRMED', 3, null],
  },
  LatestChanges: {
    given: async ({ world, idOf }) => {
      await world.organize(`mutation ($id: ID!) { deleteSession(id: $id) { session { id } } }`, {
        id: idOf('session', 'Queries in practice'),
      })
      await world.organize(
        `mutation ($id: ID!) { updateSession(id: $id, patch: { level: EXPERT }) { session { id } } }`,
        { id: idOf('session', 'Indexes in practice') },
      )
      return { slug }
    },
    shows: ({ event }) => {
      const { title, history } = event!.sessions.nodes[0]!
      return [event!.sessions.nodes.length, title, history?.nodes]
    },
    expected: [
      5,
      'Indexes in practice',
      [{ operation: 'UPDATED', actor: { kind: 'TOKEN', label: 'test' }, changes: [{ field: 'level' }] }],
    ],
  },
  SpeakersDirectory: {
    given: () => ({ slug: 'demo-conference', after: null }),
    shows: ({ event }) =>
      event?.speakers.nodes.map(({ name, sessions }) => [name, sessions.nodes.map(({ state }) => state)]),
    expected: [
      ['Ada Mustermann', ['CONFIRMED', 'CONFIRMED']],
      ['Bo Example', ['CONFIRMED', 'PENDING']],
      ['Chidi Placeholder', ['CONFIRMED', 'ACCEPTED']],
      ['Dana Template', ['CONFIRMED', 'CONFIRMED']],
    ],
  },
  RoomsAndThemes: {
    given: () => ({ slug: 'demo-conference' }),
    shows: ({ event }) => [
      event?.tracks.map(({ name, color }) => [name, color]),
      event?.rooms.map(({ name, capacity }) => [name, capacity]),
      event?.sessionTypes.map(({ name, durationMinutes }) => [name, durationMinutes]),
    ],
    expected: [
      [
        ['Time', '#0a7d8c'],
        ['Data', '#8c4a0a'],
        ['Community', '#5b2a86'],
      ],
      [
        ['Great Hall', 400],
        ['Workshop', 40],
      ],
      [
        ['Talk', 45],
        ['Workshop', 120],
        ['Social', null],
      ],
    ],
  },
  ScheduleEditor: {
    given: () => ({ slug: 'demo-conference' }),
    shows: ({ event }) => [
      event?.conflictPolicy,
      event?.rooms.length,
      event?.breaks.length,
      event?.sessions.totalCount,
      event?.scheduleConflicts.length,
    ],
    expected: ['WARN', 2, 0, 6, 0],
  },
  DragSession: {
    given: ({ idOf }) => ({
      id: idOf('session', 'Queries at scale'),
      expectedVersion: 1,
      to: {
        startsAtLocal: '2031-05-02T10:00',
        endsAtLocal: '2031-05-02T10:30',
        roomId: idOf('room', 'Aula'),
      },
    }),
    shows: ({ placeSession: { session, conflicts } }) => [
      ...saved(session),
      session.room?.name,
      conflicts.map(({ kind, severity, sessions, room }) => [
        kind,
        severity,
        sessions.map(({ title }) => title).toSorted(),
        room?.name,
      ]),
    ],
    expected: [
      'Queries at scale',
      'CONFIRMED',
      2,
      'Aula',
      [['ROOM_DOUBLE_BOOKED', 'ERROR', ['Indexes without tears', 'Queries at scale'], 'Aula']],
    ],
  },
  PlaceManySessions: {
    given: ({ idOf }) => ({
      placements: ['Maps under the hood', 'Trees under the hood'].map((title, at) => ({
        sessionId: idOf('session', title),
        expectedVersion: 1,
        startsAtLocal: `2031-05-03T2${at}:00`,
        endsAtLocal: `2031-05-03T2${at}:30`,
        roomId: idOf('room', 'Dome'),
      })),
    }),
    shows: ({ placeSessions: { sessions, conflicts } }) => [
      sessions.map((session) => [...saved(session), session.startsAt]),
      conflicts.length,
    ],
    expected: [
      [
        ['Maps under the hood', 'CONFIRMED', 2, '2031-05-03T18:00:00.000Z'],
        ['Trees under the hood', 'CONFIRMED', 2, '2031-05-03T19:00:00.000Z'],
      ],
      0,
    ],
  },
  SwapSessions: {
    given: ({ idOf }) => ({
      one: { id: idOf('session', 'Maps in ten rules'), expectedVersion: 1 },
      other: { id: idOf('session', 'Trees in ten rules'), expectedVersion: 1 },
    }),
    shows: ({ swapSessions: { sessions } }) =>
      sessions.map((session) => [...saved(session), session.room?.name]),
    expected: [
      ['Maps in ten rules', 'CONFIRMED', 2, 'Dome'],
      ['Trees in ten rules', 'CONFIRMED', 2, 'Cellar'],
    ],
  },
  BackToTheShelf: {
    given: ({ idOf }) => ({ id: idOf('session', 'Locks in ten rules'), expectedVersion: 1 }),
    shows: ({ unplaceSession: { session } }) => [...saved(session), session.startsAt, session.room],
    expected: ['Locks in ten rules', 'CONFIRMED', 2, null, null],
  },
  AddRoom: {
    given: async ({ world }) => {
      await newEvent(world, 'with-a-room')
      return {
        input: {
          eventSlug: 'with-a-room',
          name: 'Attic',
          capacity: 12,
          openingHours: [{ startsAt: '2032-06-05T08:00:00Z', endsAt: '2032-06-05T16:00:00Z' }],
        },
      }
    },
    shows: ({ createRoom: { room } }) => [room.name, room.capacity, room.position, room.openingHours.length],
    expected: ['Attic', 12, 0, 1],
  },
  SaveRoom: {
    given: ({ idOf }) => ({
      id: idOf('room', 'Cellar'),
      expectedVersion: 1,
      patch: { capacity: 80, floor: 'Below' },
    }),
    shows: ({ updateRoom: { room } }) => [room.name, room.floor, room.capacity, room.version],
    expected: ['Cellar', 'Below', 80, 2],
  },
  OrderRooms: {
    given: async ({ world }) => {
      await newEvent(world, 'with-rooms')
      const make =
        'mutation ($name: String!) { made: createRoom(input: { eventSlug: "with-rooms", name: $name }) { room { id } } }'
      const ids = []
      for (const name of ['Great Hall', 'Workshop'])
        ids.unshift((await world.organize(make, { name })).data.made.room.id)
      return { slug: 'with-rooms', ids }
    },
    shows: ({ reorderRooms: { event } }) => event.rooms.map(({ name }) => name),
    expected: ['Workshop', 'Great Hall'],
  },
  DeleteTheme: {
    given: async ({ world }) => {
      await newEvent(world, 'with-a-theme')
      const { data } = await world.organize(
        'mutation { createTrack(input: { eventSlug: "with-a-theme", name: "Community" }) { track { id } } }',
      )
      return { id: data.createTrack.track.id, expectedVersion: 1 }
    },
    shows: ({ deleteTrack: { track } }) => [track.name, track.version],
    expected: ['Community', 2],
  },
  AddBreak: {
    given: () => ({
      input: {
        eventSlug: slug,
        name: 'Dinner',
        startsAtLocal: '2031-05-02T19:00',
        endsAtLocal: '2031-05-02T20:30',
      },
    }),
    shows: ({
      createBreak: {
        break: { name, startsAt, endsAtLocal, version },
      },
    }) => [name, startsAt, endsAtLocal, version],
    expected: ['Dinner', '2031-05-02T17:00:00.000Z', '2031-05-02T20:30:00', 1],
  },
  AddSpeaker: {
    given: async ({ world }) => {
      await newEvent(world, 'with-a-speaker')
      return {
        input: { eventSlug: 'with-a-speaker', name: 'Nova Nemo', websiteUrl: 'https://example.org/nova' },
      }
    },
    shows: ({ createSpeaker: { speaker } }) => [
      speaker.name,
      speaker.organisation,
      speaker.websiteUrl,
      speaker.version,
    ],
    expected: ['Nova Nemo', null, 'https://example.org/nova', 1],
  },
  WhatIMayDo: {
    given: () => ({}),
    shows: ({ viewer }) => [
      viewer.__typename,
      viewer.permissions.includes('SESSION_PLACE'),
      viewer.roles.map(({ role, event }) => [role, event]),
      viewer.__typename === 'TokenViewer' && [viewer.token.label, viewer.token.isEverywhere],
    ],
    expected: ['TokenViewer', true, [['ORGANIZER', null]], ['test', true]],
  },
  TeamOfTheEvent: {
    given: async ({ world }) => {
      await newEvent(world, 'with-a-team')
      await invitation(world, 'with-a-team')
      return { slug: 'with-a-team' }
    },
    shows: ({ event }) => [
      event?.members?.totalCount,
      event?.invitations?.nodes.map(({ email, role, tracks }) => [email, role, tracks]),
    ],
    expected: [0, [['bo@example.org', 'REVIEWER', []]]],
  },
  InviteToTheTeam: {
    given: ({ idOf }) => ({
      input: {
        eventSlug: slug,
        email: 'ada@example.org',
        role: 'TRACK_ORGANIZER',
        trackIds: [idOf('track', 'Theory')],
      },
    }),
    shows: ({ inviteMember: { secret, invitation: made } }) => [
      typeof secret,
      made.email,
      made.role,
      made.tracks.map(({ name }) => name),
    ],
    expected: ['string', 'ada@example.org', 'TRACK_ORGANIZER', ['Theory']],
  },
  RevokeInvitation: {
    given: async ({ world }) => {
      await newEvent(world, 'without-a-team')
      return { id: await invitation(world, 'without-a-team') }
    },
    shows: ({ revokeInvitation }) => revokeInvitation.__typename,
    expected: 'RevokeInvitationPayload',
  },
  TokensOfTheEvent: {
    given: async ({ world }) => {
      const { id } = await newEvent(world, 'with-tokens')
      await world.organize(
        `mutation ($id: ID!) { mintToken(input: { label: "Door", role: MODERATOR, eventIds: [$id] }) { token { id } } }`,
        { id },
      )
      return { slug: 'with-tokens' }
    },
    shows: ({ event }) =>
      event?.tokens?.nodes.map(({ label, role, lastUsedAt, events }) => [
        label,
        role,
        lastUsedAt,
        events.length,
      ]),
    expected: [['Door', 'MODERATOR', null, 1]],
  },
  MintToken: {
    given: ({ idOf }) => ({
      input: {
        label: 'The badge printer',
        role: 'REVIEWER',
        eventIds: [idOf('event', slug)],
        permissions: ['EVENT_READ'],
      },
    }),
    shows: ({ mintToken: { secret, token } }) => [
      secret?.slice(0, 3),
      token.label,
      token.role,
      token.permissions,
      token.events.map((event) => event.slug),
    ],
    expected: ['oe_', 'The badge printer', 'REVIEWER', ['EVENT_READ'], ['inventia31']],
  },
}

const eventValues = {
  name: 'Summer meeting',
  timeZone: 'Europe/Berlin',
  startsAt: '2032-06-05T10:00:00+02:00',
  endsAt: '2032-06-06T18:00:00+02:00',
}

async function newEvent({ organize }: Inventia['world'], name: string): Promise<{ id: string }> {
  const { data } = await organize(
    'mutation ($input: CreateEventInput!) { createEvent(input: $input) { event { id } } }',
    { input: { ...eventValues, slug: name } },
  )
  return { id: data.createEvent.event.id }
}

async function invitation({ organize }: Inventia['world'], eventSlug: string): Promise<string> {
  const { data } = await organize(
    'mutation ($input: InviteMemberInput!) { inviteMember(input: $input) { invitation { id } } }',
    { input: { eventSlug, email: 'bo@example.org', role: 'REVIEWER' } },
  )
  return data.inviteMember.invitation.id
}

function submission(world: Inventia['world'], title: string): Promise<string> {
  return createSession(world, { slug }, { title, state: 'PENDING' })
}

/** What every form shows when it has saved. */
function saved({ title, state, version }: SavedSessionFragment): [string, string, number] {
  return [title, state, version]
}

test("the organizers' tools are shown what their screens need, each in as many SQL statements as are written here", async () => {
  const { shown, taken } = await answersTo('organizer-tools', screens, 'organize')
  expect(shown).toEqual(expectedOf(screens))
  expect(taken).toEqual(statements)
})
