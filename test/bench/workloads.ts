import { type BenchDatabase, firstChanged } from './databases.ts'
import type { Asked } from './load.ts'

/** One kind of work, asked of each contestant in its own words. */
export interface Workload {
  readonly name: string
  readonly title: string
  readonly connections: number
  /** The requests of a contestant, one for each of some events: the same things in the same order for all. */
  requests(contestant: string, database: BenchDatabase, token: string): Asked[]
  /** What an answer says, in a form in which those of all contestants are the same. */
  meaning(body: unknown): unknown
}

/** As an answer came; what it says is looked into by the parts that the workload knows. */
// oxlint-disable-next-line typescript/no-explicit-any -- answers of six servers, which have no type in common
type Json = any

type Values = Readonly<Record<string, string>>

/** The documents of a contestant; those of PostGraphile and Pothos are in the words that they make of the same database. */
interface Documents {
  readonly ours: string
  readonly pothos: string
  readonly postgraphile: string
  /** The path of the hand-written statement. */
  readonly floor: (values: Values) => string
}

const graphql = (query: string, variables: object, token?: string): Asked => ({
  path: '/graphql',
  body: { query, variables },
  ...(token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } }),
})

function ask(contestant: string, documents: Documents, values: Values, token?: string): Asked {
  if (contestant === 'floor')
    return {
      method: token === undefined ? 'GET' : 'POST',
      path: documents.floor(values),
      ...(token === undefined ? {} : { body: values }),
    }
  if (contestant === 'postgraphile') return graphql(documents.postgraphile, values)
  if (contestant === 'yoga-pothos') return graphql(documents.pothos, values)
  return graphql(documents.ours, values, contestant.startsWith('ours') ? token : undefined)
}

const schedulePage: Documents = {
  ours: `query Schedule($slug: String!) { event(slug: $slug) { name sessions(first: 100) { nodes {
    id title startsAt endsAt track { name color } room { name } speakers { name organisation } } } } }`,
  pothos: `query Schedule($slug: String!) { event(slug: $slug) { name sessions(first: 100) {
    id title startsAt endsAt track { name color } room { name } speakers { speaker { name organisation } } } } }`,
  postgraphile: `query Schedule($slug: String!) { event: eventBySlug(slug: $slug) { name
    sessions: sessionsByEventId(first: 100, orderBy: [STARTS_AT_ASC]) { nodes { rowId title startsAt endsAt
      track: trackByEventIdAndTrackId { name color } room: roomByEventIdAndRoomId { name }
      speakers: sessionSpeakersByEventIdAndSessionId(orderBy: [POSITION_ASC]) { nodes {
        speaker: speakerByEventIdAndSpeakerId { name organisation } } } } } } }`,
  floor: ({ slug }) => `/schedule/${slug}`,
}

const oneSession: Documents = {
  ours: `query Session($id: ID!) { session(id: $id) { id title abstract startsAt endsAt version
    track { name color } room { name } speakers { name biography } } }`,
  pothos: `query Session($id: ID!) { session(id: $id) { id title abstract startsAt endsAt version
    track { name color } room { name } speakers { speaker { name biography } } } }`,
  postgraphile: `query Session($id: UUID!) { session: sessionByRowId(rowId: $id) { rowId title abstract startsAt endsAt version
    track: trackByEventIdAndTrackId { name color } room: roomByEventIdAndRoomId { name }
    speakers: sessionSpeakersByEventIdAndSessionId(orderBy: [POSITION_ASC]) { nodes {
      speaker: speakerByEventIdAndSpeakerId { name biography } } } } }`,
  floor: ({ id }) => `/session/${id}`,
}

const filteredPage: Documents = {
  ours: `query Track($slug: String!, $track: ID!) { event(slug: $slug) {
    sessions(first: 20, filter: { trackIds: [$track] }, orderBy: { field: TITLE, direction: ASC }) {
      totalCount pageInfo { hasNextPage } edges { cursor node { id title startsAt } } } } }`,
  pothos: `query Track($slug: String!, $track: String!) { event(slug: $slug) {
    count: sessionCount(track: $track) sessions(first: 20, track: $track, byTitle: true) { cursor id title startsAt } } }`,
  postgraphile: `query Track($slug: String!, $track: UUID!) { event: eventBySlug(slug: $slug) {
    sessions: sessionsByEventId(first: 20, condition: { trackId: $track }, orderBy: [TITLE_ASC]) {
      totalCount pageInfo { hasNextPage } edges { cursor node { rowId title startsAt } } } } }`,
  floor: ({ slug, track }) => `/track/${slug}/${track}`,
}

const feedPage: Documents = {
  ours: `query Feed($slug: String!) { event(slug: $slug) { sessions(first: 100, orderBy: { field: LAST_MODIFIED_AT, direction: ASC }) {
    nodes { id title abstract startsAt endsAt lastModifiedAt version } } } }`,
  pothos: `query Feed($slug: String!) { event(slug: $slug) { sessions(first: 100, byStamp: true) {
    id title abstract startsAt endsAt lastModifiedAt version } } }`,
  postgraphile: `query Feed($slug: String!) { event: eventBySlug(slug: $slug) {
    sessions: sessionsByEventId(first: 100, orderBy: [LAST_MODIFIED_AT_ASC]) {
      nodes { rowId title abstract startsAt endsAt lastModifiedAt version } } } }`,
  floor: ({ slug }) => `/feed/${slug}`,
}

const update: Documents = {
  ours: `mutation Rename($id: ID!, $subtitle: String!) {
    updateSession(id: $id, patch: { subtitle: $subtitle }) { session { id title subtitle } } }`,
  pothos: `mutation Rename($id: ID!, $subtitle: String!) {
    updateSession(id: $id, subtitle: $subtitle) { id title subtitle } }`,
  postgraphile: `mutation Rename($id: UUID!, $subtitle: String!) {
    updateSession: updateSessionByRowId(input: { rowId: $id, sessionPatch: { subtitle: $subtitle } }) { session { rowId title subtitle } } }`,
  floor: ({ id }) => `/session/${id}`,
}

const instant = (text: string) => Date.parse(text)
const listOf = (list: Json): Json[] => list?.nodes ?? list?.edges?.map((edge: Json) => edge.node) ?? list
const idOf = (row: Json): string => row.rowId ?? row.id
const speakersOf = (row: Json) => listOf(row.speakers).map((link) => link.speaker ?? link)
const placeOf = ({ track, room, startsAt, endsAt }: Json) => [
  track && [track.name, track.color],
  room?.name,
  instant(startsAt),
  instant(endsAt),
]

const schedule: Workload = {
  name: 'W1',
  title: 'schedule page: 100 sessions with track, room, speakers',
  connections: 16,
  requests: (contestant, { events }) => events.map(({ slug }) => ask(contestant, schedulePage, { slug })),
  meaning: ({ data: { event } }: Json) => [
    event.name,
    listOf(event.sessions).map((row) => [
      ...[idOf(row), row.title, ...placeOf(row)],
      speakersOf(row).map(({ name, organisation }) => [name, organisation]),
    ]),
  ],
}

const updateOne: Workload = {
  name: 'W5',
  title: 'one update of a session',
  connections: 16,
  requests: (contestant, { events }, token) =>
    events.flatMap(({ sessionIds }) =>
      sessionIds
        .slice(firstChanged)
        .flatMap((id, index) =>
          ['a', 'b'].map((word) => ask(contestant, update, { id, subtitle: `${word} ${index}` }, token)),
        ),
    ),
  meaning: ({ data: { updateSession } }: Json) => {
    const row = updateSession.session ?? updateSession
    return [idOf(row), row.title, row.subtitle]
  },
}

const session: Workload = {
  name: 'W2',
  title: 'one session with its track, room and speakers',
  connections: 16,
  requests: (contestant, { events }) =>
    events.flatMap(({ sessionIds }) =>
      sessionIds.slice(0, 50).map((id) => ask(contestant, oneSession, { id })),
    ),
  meaning: ({ data: { session: row } }: Json) => [
    ...[idOf(row), row.title, row.abstract, row.version, ...placeOf(row)],
    speakersOf(row).map(({ name, biography }) => [name, biography]),
  ],
}

export const workloads: readonly Workload[] = [
  schedule,
  session,
  {
    name: 'W3',
    title: 'page of 20 of a track, by title, with cursors and total',
    connections: 16,
    requests: (contestant, { events }) =>
      events.map(({ slug, trackId }) => ask(contestant, filteredPage, { slug, track: trackId })),
    meaning: ({ data: { event } }: Json) => [
      event.count ?? event.sessions.totalCount,
      listOf(event.sessions).map((row) => [idOf(row), row.title, instant(row.startsAt)]),
    ],
  },
  {
    name: 'W4',
    title: 'feed page: 100 sessions by their stamps',
    connections: 16,
    requests: (contestant, { events }) => events.map(({ slug }) => ask(contestant, feedPage, { slug })),
    meaning: ({ data: { event } }: Json) =>
      listOf(event.sessions).map((row) => [
        ...[idOf(row), row.title, row.abstract, row.version],
        ...[row.startsAt, row.endsAt, row.lastModifiedAt].map(instant),
      ]),
  },
  updateOne,
  {
    name: 'W6',
    title: 'mix: 90 % W1, 8 % W2, 2 % W5',
    connections: 64,
    requests: (...asked) => {
      const [pages, sessions, updates] = [schedule, session, updateOne].map((each) => each.requests(...asked))
      return Array.from({ length: 1_000 }, (_, at) => {
        // In each hundred: two updates, eight sessions, the rest pages.
        const place = at % 50
        const of = place === 7 ? updates! : place % 12 === 3 ? sessions! : pages!
        return of[(at * 7) % of.length]!
      })
    },
    // Its parts are compared each by itself.
    meaning: () => null,
  },
]
