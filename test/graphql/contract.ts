/**
 * What the event web app and the organizer tools rely on. The schema may hold more; nothing here may be renamed or
 * weakened.
 */
export const contract = /* GraphQL */ `
  scalar DateTime
  scalar LocalDateTime
  scalar TimeZone
  scalar URL

  type Query {
    event(slug: String!): Event
    events(
      filter: EventFilter
      orderBy: EventOrder = { field: STARTS_AT, direction: ASC }
      first: Int = 20
      after: String
    ): EventConnection!
    session(id: ID!, asOf: DateTime): Session
    viewer: Viewer!
  }
  interface Viewer { permissions: [Permission!]! }
  enum Permission { EVENT_CREATE }

  type Mutation {
    createEvent(input: CreateEventInput!): EventPayload
    updateEvent(id: ID!, expectedVersion: Int, patch: EventPatch!): EventPayload
    createSession(input: CreateSessionInput!): SessionPayload
    changeSessionState(id: ID!, expectedVersion: Int, to: SessionState!): SessionPayload
    updateSession(id: ID!, expectedVersion: Int, patch: SessionPatch!): SessionPayload
    deleteSession(id: ID!, expectedVersion: Int): SessionPayload
    restoreSession(id: ID!, expectedVersion: Int): SessionPayload
    revertSession(id: ID!, expectedVersion: Int, toVersion: Int!): SessionPayload
  }

  interface Versioned {
    id: ID!
    createdAt: DateTime!
    lastModifiedAt: DateTime!
    version: Int!
  }

  type Event implements Versioned {
    id: ID!
    slug: String!
    name: String!
    description: String
    timeZone: TimeZone!
    startsAt: DateTime!
    endsAt: DateTime!
    state: EventState!
    createdAt: DateTime!
    lastModifiedAt: DateTime!
    version: Int!
    tracks: [Track!]!
    rooms: [Room!]!
    sessionTypes: [SessionType!]!
    scheduleConflicts: [ScheduleConflict!]!
    speakers(first: Int = 50, after: String): SpeakerConnection!
    sessions(
      filter: SessionFilter
      orderBy: SessionOrder = { field: STARTS_AT, direction: ASC }
      first: Int = 50
      after: String
    ): SessionConnection!
  }

  type Session implements Versioned {
    id: ID!
    event: Event!
    title: String!
    subtitle: String
    abstract: String
    description: String
    language: String
    level: SessionLevel
    state: SessionState!
    startsAt: DateTime
    endsAt: DateTime
    startsAtLocal(timeZone: TimeZone): LocalDateTime
    endsAtLocal(timeZone: TimeZone): LocalDateTime
    slidesUrl: URL
    videoUrl: URL
    audioUrl: URL
    signupUrl: URL
    track: Track
    room: Room
    sessionType: SessionType
    speakers: [Speaker!]!
    isLocked: Boolean!
    submittedAt: DateTime
    createdAt: DateTime!
    lastModifiedAt: DateTime!
    deletedAt: DateTime
    version: Int!
    history(first: Int = 20, after: String): SessionRevisionConnection
  }

  type SessionRevision {
    version: Int!
    recordedAt: DateTime!
    operation: RevisionOperation!
    actor: Actor
    changes: [FieldChange!]!
  }
  enum RevisionOperation { CREATED UPDATED DELETED RESTORED }
  type Actor { kind: ActorKind! }
  enum ActorKind { TOKEN }
  type FieldChange { field: String! }

  type Track implements Versioned { ${versioned()} }
  type Room implements Versioned { ${versioned()} }
  type SessionType implements Versioned { ${versioned()} }
  type Speaker implements Versioned { ${versioned()} }

  enum SessionState { DRAFT PENDING ACCEPTED CONFIRMED REJECTED CANCELED WITHDRAWN }
  enum EventState { DRAFT PUBLISHED }
  enum SessionLevel { BEGINNER INTERMEDIATE ADVANCED EXPERT }
  enum Disambiguation { REJECT EARLIER LATER }
  enum OrderDirection { ASC DESC }
  enum EventOrderField { STARTS_AT }
  enum SessionOrderField { STARTS_AT }

  input EventOrder { field: EventOrderField!, direction: OrderDirection! = ASC }
  input SessionOrder { field: SessionOrderField!, direction: OrderDirection! = ASC }
  input EventFilter { startsAt: DateTimeRange }
  input SessionFilter {
    states: [SessionState!]
    trackIds: [ID!]
    roomIds: [ID!]
    speakerIds: [ID!]
    languages: [String!]
    startsAt: DateTimeRange
    endsAt: DateTimeRange
    lastModifiedAt: DateTimeRange
    text: String
    includeDeleted: Boolean = false
  }
  input DateTimeRange { gte: DateTime, gt: DateTime, lte: DateTime, lt: DateTime }

  type EventConnection { ${connection('Event')} }
  type EventEdge { cursor: String!, node: Event! }
  type SessionConnection { ${connection('Session')} }
  type SessionEdge { cursor: String!, node: Session! }
  type SessionRevisionConnection { ${connection('SessionRevision')} }
  type SessionRevisionEdge { cursor: String!, node: SessionRevision! }
  type SpeakerConnection { ${connection('Speaker')} }
  type SpeakerEdge { cursor: String!, node: Speaker! }
  type PageInfo {
    hasNextPage: Boolean!
    endCursor: String
    hasPreviousPage: Boolean!
    startCursor: String
  }

  input CreateEventInput {
    slug: String!
    name: String!
    description: String
    timeZone: TimeZone!
    startsAt: DateTime!
    endsAt: DateTime!
  }
  input EventPatch {
    slug: String
    name: String
    description: String
    timeZone: TimeZone
    startsAt: DateTime
    endsAt: DateTime
  }
  input CreateSessionInput { eventSlug: String!, title: String!, ${sessionValues()} }
  input SessionPatch { title: String, ${sessionValues()} }

  type SessionPayload { session: Session!, conflicts: [ScheduleConflict!]! }
  type ScheduleConflict { kind: ConflictKind! }
  enum ConflictKind { ROOM_DOUBLE_BOOKED, SPEAKER_DOUBLE_BOOKED }
  type EventPayload { event: Event! }
`

function versioned(): string {
  return 'id: ID!, createdAt: DateTime!, lastModifiedAt: DateTime!, version: Int!'
}

function connection(node: string): string {
  return `nodes: [${node}!]!, edges: [${node}Edge!]!, pageInfo: PageInfo!, totalCount: Int!`
}

function sessionValues(): string {
  return `
    subtitle: String
    abstract: String
    description: String
    language: String
    level: SessionLevel
    state: SessionState
    startsAt: DateTime
    endsAt: DateTime
    startsAtLocal: LocalDateTime
    endsAtLocal: LocalDateTime
    timeZone: TimeZone
    disambiguation: Disambiguation = REJECT
    slidesUrl: URL
    videoUrl: URL
    audioUrl: URL
    signupUrl: URL
    trackId: ID
    roomId: ID
    sessionTypeId: ID
    speakerIds: [ID!]
  `
}
