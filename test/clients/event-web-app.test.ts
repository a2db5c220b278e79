import { expect, test } from 'vitest'
import { slug } from './inventia.ts'
import { answersTo, expectedOf, type ScreensFor } from './screens.ts'

const statements = {
  CalendarOfFavourites: 1,
  ChangedSince: 1,
  ComingEvents: 1,
  // When a day begins is known from then on.
  DayGrid: 2,
  DaysOfTheEvent: 1,
  DayWithBreaks: 1,
  DoorSign: 1,
  EventFrontPage: 1,
  FilteredSessions: 1,
  IsAnythingNew: 1,
  IsThereSuchAnEvent: 1,
  NextPageOfSessions: 1,
  NowAndNextInARoom: 1,
  OnNow: 1,
  PastEvents: 1,
  Recordings: 1,
  RoomsAndTheirHours: 1,
  ScheduleOfADay: 1,
  SearchAsYouType: 1,
  SearchSessions: 1,
  SessionDetail: 1,
  SessionsByTheme: 1,
  SessionsOfASpeaker: 1,
  SpeakerPage: 1,
  SpeakersOfTheEvent: 1,
  TimetableGrid: 1,
  TrackPage: 1,
  WhoAmI: 0,
}

const visitorZone = 'Asia/Kolkata'

const screens: ScreensFor<typeof statements> = {
  ComingEvents: {
    given: () => ({ now: '2027-03-28T12:00:00Z', first: 10 }),
    shows: ({ events }) => [
      events.totalCount,
      events.nodes.map(({ name, startsAtLocal }) => [name, startsAtLocal]),
    ],
    expected: [
      2,
      [
        ['Demo Conference 2027', '2027-03-27T09:00:00'],
        ['Inventia 2031', '2031-05-01T00:00:00'],
      ],
    ],
  },
  PastEvents: {
    given: () => ({ now: '2028-01-01T00:00:00Z', after: null }),
    shows: ({ events }) => [events.edges.map(({ node }) => node.slug), events.pageInfo.hasNextPage],
    expected: [['demo-conference'], false],
  },
  IsThereSuchAnEvent: {
    given: () => ({ slug: 'no-such-event' }),
    shows: ({ event }) => event,
    expected: null,
  },
  EventFrontPage: {
    given: () => ({ slug, visitorZone }),
    shows: ({ event }) => [
      event?.name,
      event?.tracks.map(({ name }) => name),
      event?.sessions.totalCount,
      event?.sessions.nodes.map(({ title, startsAtLocal, room, speakers }) => [
        title,
        startsAtLocal,
        room?.name,
        speakers.map(({ name }) => name),
      ]),
    ],
    expected: [
      'Inventia 2031',
      ['Theory', 'Practice', 'People'],
      120,
      [
        ['Clocks for beginners', '2031-05-01T13:30:00', 'Aula', ['Speaker 00', 'Speaker 40']],
        ['Zones for beginners', '2031-05-01T13:30:00', 'Bridge', ['Speaker 01']],
        ['Stamps for beginners', '2031-05-01T13:30:00', 'Cellar', ['Speaker 02']],
      ],
    ],
  },
  ScheduleOfADay: {
    given: () => ({ slug, visitorZone, from: '2031-05-01T22:00:00Z', until: '2031-05-02T22:00:00Z' }),
    shows: ({ event }) => {
      const { totalCount, nodes, pageInfo } = event!.sessions
      const { title, startsAt, startsAtLocal, atTheEvent } = nodes[0]!
      return [totalCount, nodes.length, pageInfo.hasNextPage, title, startsAt, startsAtLocal, atTheEvent]
    },
    expected: [
      40,
      40,
      false,
      'Indexes without tears',
      '2031-05-02T08:00:00.000Z',
      '2031-05-02T13:30:00',
      '2031-05-02T10:00:00',
    ],
  },
  DayWithBreaks: {
    given: async ({ world }) => {
      const make = 'mutation ($input: CreateBreakInput!) { createBreak(input: $input) { break { id } } }'
      const times = { startsAtLocal: '2031-05-02T12:00', endsAtLocal: '2031-05-02T13:00' }
      await world.organize(make, { input: { eventSlug: slug, name: 'Lunch', ...times } })
      return { slug, visitorZone, from: '2031-05-01T22:00:00Z', until: '2031-05-02T22:00:00Z' }
    },
    shows: ({ event }) => [
      event?.sessions.nodes.length,
      event?.breaks.map(({ name, startsAtLocal, room }) => [name, startsAtLocal, room]),
    ],
    expected: [40, [['Lunch', '2031-05-02T15:30:00', null]]],
  },
  RoomsAndTheirHours: {
    given: () => ({ slug }),
    shows: ({ event }) =>
      event?.rooms.map(({ name, openingHours, sessions }) => [
        name,
        openingHours.length,
        sessions.nodes.length,
      ]),
    expected: [
      ['Aula', 0, 5],
      ['Bridge', 0, 5],
      ['Cellar', 0, 5],
      ['Dome', 0, 5],
    ],
  },
  TimetableGrid: {
    given: () => ({ slug }),
    shows: ({ event }) => {
      const { nodes, pageInfo } = event!.sessions
      const placed = nodes.filter(({ room, startsAt, endsAt }) => room && startsAt && endsAt)
      return [event!.rooms.map(({ name }) => name), nodes.length, placed.length, pageInfo.hasNextPage]
    },
    expected: [['Aula', 'Bridge', 'Cellar', 'Dome'], 120, 120, false],
  },
  NextPageOfSessions: {
    given: async ({ world }) => {
      const { data } = await world.ask(
        `{ event(slug: "${slug}") { sessions(first: 20) { pageInfo { endCursor } } } }`,
      )
      return { slug, visitorZone, first: 20, after: data.event.sessions.pageInfo.endCursor }
    },
    shows: ({ event }) => {
      const { edges, pageInfo } = event!.sessions
      return [edges[0]?.node.title, edges.length, edges.at(-1)?.cursor === pageInfo.endCursor]
    },
    expected: ['Queues in practice', 20, true],
  },
  SessionDetail: {
    given: ({ idOf }) => ({ id: idOf('session', 'Clocks in practice'), visitorZone }),
    shows: ({ session }) => [
      session?.title,
      session?.abstract,
      session?.event.name,
      session?.speakers.map(({ name, sessions }) => [name, sessions.nodes.length, sessions.nodes[0]?.title]),
    ],
    expected: [
      'Clocks in practice',
      'Clocks in practice, in short.',
      'Inventia 2031',
      [
        ['Speaker 12', 3, 'Clocks in practice'],
        ['Speaker 42', 6, 'Clocks in practice'],
      ],
    ],
  },
  SpeakersOfTheEvent: {
    given: () => ({ slug, first: 30, after: null }),
    shows: ({ event }) => {
      const { totalCount, nodes, pageInfo } = event!.speakers
      const { name, sessions } = nodes[0]!
      return [totalCount, nodes.length, pageInfo.hasNextPage, name, sessions.nodes.map(({ title }) => title)]
    },
    expected: [
      45,
      30,
      true,
      'Speaker 00',
      ['Clocks for beginners', 'Indexes without tears', 'Queues and their enemies'],
    ],
  },
  SpeakerPage: {
    given: ({ idOf }) => ({ id: idOf('speaker', 'Speaker 07'), visitorZone }),
    shows: ({ speaker }) => [
      speaker?.name,
      speaker?.event.slug,
      speaker?.sessions.totalCount,
      speaker?.sessions.nodes.map(({ title, startsAtLocal }) => [title, startsAtLocal]),
    ],
    expected: [
      'Speaker 07',
      slug,
      3,
      [
        ['Caches for beginners', '2031-05-01T14:15:00'],
        ['Trees without tears', '2031-05-02T14:15:00'],
        ['Queries in ten rules', '2031-05-03T14:15:00'],
      ],
    ],
  },
  DoorSign: {
    // Before the event begins.
    given: ({ idOf }) => ({ id: idOf('room', 'Cellar'), day: '2031-05-02' }),
    shows: ({ room }) => [
      room?.name,
      room?.event.name,
      room?.currentSession,
      room?.nextSession?.title,
      room?.sessions.nodes.slice(0, 1).map(({ title, startsAtLocal }) => [title, startsAtLocal]),
    ],
    expected: [
      'Cellar',
      'Inventia 2031',
      null,
      'Stamps for beginners',
      [['Schemas without tears', '2031-05-02T10:00:00']],
    ],
  },
  DaysOfTheEvent: {
    given: () => ({ slug }),
    shows: ({ event }) => [event?.days.map(({ date }) => date), event?.days[0]?.startsAt],
    expected: [['2031-05-01', '2031-05-02', '2031-05-03'], '2031-04-30T22:00:00.000Z'],
  },
  DayGrid: {
    given: () => ({ slug, visitorZone, day: '2031-05-02' }),
    shows: ({ event }) => [event?.sessions.totalCount, event?.sessions.nodes[0]?.title],
    expected: [40, 'Indexes without tears'],
  },
  OnNow: {
    given: () => ({ slug, visitorZone }),
    shows: ({ event }) => event?.currentSessions,
    expected: [],
  },
  TrackPage: {
    given: ({ idOf }) => ({ id: idOf('track', 'Theory'), visitorZone }),
    shows: ({ track }) => [
      track?.name,
      track?.event.slug,
      track?.sessions.totalCount,
      track?.sessions.nodes.slice(0, 1).map(({ title, room }) => [title, room?.name]),
    ],
    expected: ['Theory', slug, 40, [['Clocks for beginners', 'Aula']]],
  },
  SessionsOfASpeaker: {
    given: ({ idOf }) => ({ slug, visitorZone, speakerId: idOf('speaker', 'Speaker 07') }),
    shows: ({ event }) => event?.sessions.nodes.map(({ title, startsAtLocal }) => [title, startsAtLocal]),
    expected: [
      ['Caches for beginners', '2031-05-01T14:15:00'],
      ['Trees without tears', '2031-05-02T14:15:00'],
      ['Queries in ten rules', '2031-05-03T14:15:00'],
    ],
  },
  SearchSessions: {
    given: () => ({ slug, visitorZone, text: 'SCALE LOCKS' }),
    shows: ({ event }) => [event?.sessions.totalCount, event?.sessions.nodes.map(({ title }) => title)],
    expected: [1, ['Locks at scale']],
  },
  SearchAsYouType: {
    given: () => ({ slug, typed: 'clocks at sc' }),
    shows: ({ search }) => [
      search.totalCount,
      search.nodes.map(({ node, matches }) => [
        node.__typename,
        matches.map(({ field, text, ranges }) => [
          field,
          ranges.map(({ start, end }) => text.slice(start, end)),
        ]),
      ]),
    ],
    expected: [
      1,
      [
        [
          'Session',
          [
            ['TITLE', ['Clocks', 'scale']],
            ['ABSTRACT', ['Clocks', 'scale']],
          ],
        ],
      ],
    ],
  },
  FilteredSessions: {
    given: ({ idOf }) => {
      const [trackIds, roomIds] = [[idOf('track', 'Theory')], [idOf('room', 'Aula')]]
      return { slug, visitorZone, filter: { trackIds, roomIds, languages: ['de'] } }
    },
    shows: ({ event }) =>
      event?.sessions.nodes.map(({ title, room, track, language }) => [
        title,
        room?.name,
        track?.name,
        language,
      ]),
    expected: [
      ['Clocks for beginners', 'Aula', 'Theory', 'de'],
      ['Clocks under the hood', 'Aula', 'Theory', 'de'],
    ],
  },
  NowAndNextInARoom: {
    given: ({ idOf }) => ({ slug, roomId: idOf('room', 'Cellar'), now: '2031-05-01T09:00:00Z' }),
    shows: ({ event }) =>
      event?.sessions.nodes.map(({ title, startsAtLocal, speakers }) => [
        title,
        startsAtLocal,
        speakers.length,
      ]),
    expected: [
      ['Schemas for beginners', '2031-05-01T10:45:00', 1],
      ['Maps for beginners', '2031-05-01T11:30:00', 1],
    ],
  },
  SessionsByTheme: {
    given: ({ idOf }) => ({ slug, left: idOf('track', 'Theory'), right: idOf('track', 'People') }),
    shows: ({ event }) =>
      [event?.left, event?.right].map((list) => [
        list?.totalCount,
        list?.nodes.length,
        list?.nodes[0]?.title,
      ]),
    expected: [
      [40, 5, 'Clocks for beginners'],
      [40, 5, 'Stamps for beginners'],
    ],
  },
  IsAnythingNew: {
    given: () => ({ slug }),
    shows: ({ event }) => Date.parse(event!.programmeModifiedAt) > Date.parse('2020-01-01T00:00:00Z'),
    expected: true,
  },
  ChangedSince: {
    given: async ({ world, idOf }) => {
      const [held] = await world.sql<{ stamp: Date }>('SELECT max(last_modified_at) AS stamp FROM sessions')
      await world.sql(`UPDATE sessions SET title = 'Zones, renamed' WHERE id = $1`, [
        idOf('session', 'Zones in practice'),
      ])
      return { slug, visitorZone, since: held!.stamp.toISOString() }
    },
    // Some that the app has already come again.
    shows: ({ event }) => {
      const { title, version } = event!.sessions.nodes.at(-1)!
      return [title, version]
    },
    expected: ['Zones, renamed', 2],
  },
  CalendarOfFavourites: {
    given: ({ idOf }) => ({
      one: idOf('session', 'Maps revisited'),
      other: idOf('session', 'A first submission'),
    }),
    shows: ({ one, other }) => [one?.title, one?.startsAt, one?.event.timeZone, other],
    expected: ['Maps revisited', '2031-05-03T14:45:00.000Z', 'Europe/Berlin', null],
  },
  Recordings: {
    given: async ({ world, idOf }) => {
      await world.sql(`UPDATE sessions SET video_url = 'https://example.org/locks.webm' WHERE id = $1`, [
        idOf('session', 'Locks revisited'),
      ])
      return { slug, withSpeakers: false }
    },
    shows: ({ event }) => {
      const { title, videoUrl, slidesUrl, ...rest } = event!.sessions.nodes[0]!
      return [title, videoUrl, slidesUrl, 'speakers' in rest]
    },
    expected: ['Locks revisited', 'https://example.org/locks.webm', null, false],
  },
  WhoAmI: {
    given: () => ({}),
    shows: ({ viewer }) => viewer,
    expected: { __typename: 'AnonymousViewer', permissions: [], roles: [] },
  },
}

test('the event web app is shown what its screens need, each in as many SQL statements as are written here', async () => {
  const { shown, taken } = await answersTo('event-web-app', screens, 'ask')
  expect(shown).toEqual(expectedOf(screens))
  expect(taken).toEqual(statements)
})
