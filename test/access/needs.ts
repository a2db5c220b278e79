import { randomUUID } from 'node:crypto'
import DataLoader from 'dataloader'
import { hashOfSecret, mintToken, newSecret, organizerOfEverything } from '../../src/access/tokens.ts'
import type { Permission } from '../../src/access/permissions.ts'
import type { SessionState } from '../../src/generated/prisma/client.ts'
import { type Asker, makeEvent, reaches, type Scene, type Target } from './askers.ts'

/**
 * What every field and every mutation of the schema needs. Whoever adds one adds a row here; the tests beside
 * this file fail until then, and then ask as everybody.
 */

/** Of what somebody sees: nothing more; a permission, or else the field is refused; or else it is null. */
export type FieldNeed = 'nothing' | Permission | { readonly orNull: Permission }

/** By type. Payloads show what their mutation wrote; connections, edges and pages what their list holds. */
export const fieldNeeds: Record<string, Record<string, FieldNeed>> = {
  // Each change is told as far as its viewer sees what changed; the tests of the feeds hold that.
  Query: {
    ...all('event events session speaker track room sessionType node nodes search viewer sessionChanges'),
    ...all('programmeChanges changesSummary'),
    deletedEvents: 'event:delete',
  },
  SessionChangeFeed: all('changes cursor hasMore serverTime checksum'),
  SessionChange: all('sessionId operation version changedAt session transactionEnds cursor'),
  ProgrammeChangeFeed: all('changes cursor hasMore serverTime checksum'),
  ProgrammeChange: all('nodeId operation version changedAt node transactionEnds cursor'),
  ChangesSummary: all('since until newCount movedCount canceledCount renamedCount changes'),
  SessionNews: all('sessionId session kinds title formerTitle from to'),
  SessionPlace: all('startsAt endsAt room'),
  Event: {
    ...all('id slug name description timeZone startsAt endsAt startsAtLocal endsAtLocal state createdAt'),
    ...all('lastModifiedAt programmeModifiedAt version tracks rooms sessionTypes speakers sessions'),
    ...all('viewerPermissions breaks conflictPolicy scheduleConflicts dayStartsAt days currentSessions'),
    ...all('textFormat descriptionHtml descriptionText showsCanceled websiteUrl logoUrl venue links'),
    history: 'event:update',
    // As with the invitations: of speakers, whoever may only restore those is shown them.
    deletedParts: 'programme:edit',
    members: 'member:read',
    // Whoever may only add speakers is shown their invitations; whoever may neither is refused.
    invitations: 'speaker:manage',
    tokens: 'token:manage',
    webhooks: 'webhook:manage',
  },
  Session: {
    ...all('id event title subtitle abstract description language level state startsAt endsAt startsAtLocal'),
    ...all(
      'endsAtLocal slidesUrl videoUrl audioUrl signupUrl imageUrl links track room sessionType speakers isLocked',
    ),
    ...all('isSpeakerListLocked availableTransitions submittedAt createdAt lastModifiedAt deletedAt version'),
    ...all('textFormat abstractHtml abstractText descriptionHtml descriptionText canceledAt'),
    // What of the conflicts somebody may know is filtered, never refused.
    ...all('scheduleConflicts'),
    isFavorite: 'nothing',
    favoriteCount: { orNull: 'event:update' },
    sourceId: { orNull: 'session:read' },
    history: 'session:history',
  },
  Track: {
    sourceId: { orNull: 'session:read' },
    ...all('id event name description color position sessions createdAt lastModifiedAt version'),
    history: 'programme:edit',
  },
  Room: {
    sourceId: { orNull: 'session:read' },
    ...all('currentSession nextSession'),
    ...all('id event name floor capacity position openingHours sessions createdAt lastModifiedAt version'),
    history: 'programme:edit',
  },
  SessionType: {
    sourceId: { orNull: 'session:read' },
    ...all('id event name durationMinutes position sessions createdAt lastModifiedAt version'),
    history: 'programme:edit',
  },
  Break: {
    ...all('id event name startsAt endsAt startsAtLocal endsAtLocal room createdAt lastModifiedAt version'),
    history: 'programme:edit',
  },
  DeletedPart: all('kind id name deletedAt version'),
  DeletedEvent: all('id slug name deletedAt version'),
  EventDay: all('date startsAt endsAt'),
  // A search finds what lists show; the tests of the search hold that.
  SearchHit: all('node matches'),
  SearchMatch: all('field text ranges'),
  TextRange: all('start end'),
  Link: all('url title kind'),
  Venue: all('name address latitude longitude'),
  Period: all('startsAt endsAt startsAtLocal endsAtLocal'),
  ScheduleConflict: all('kind severity message startsAt endsAt sessions speaker room break'),
  Revision: all('version recordedAt operation actor requestId isBaseline changes'),
  Speaker: {
    ...all('textFormat biographyHtml biographyText'),
    ...all(
      'id name biography organisation country photoUrl websiteUrl links sessions createdAt lastModifiedAt',
    ),
    ...all('event version'),
    sourceId: { orNull: 'speaker:read' },
    availability: { orNull: 'speaker:read' },
    history: 'speaker:manage',
  },
  SessionRevision: all('version recordedAt operation actor requestId isBaseline changes'),
  Actor: all('kind id label'),
  FieldChange: all('field before after'),
  AnonymousViewer: all('permissions roles tokens'),
  UserViewer: all('user email isAdmin permissions roles tokens favorites personalCalendars'),
  PersonalCalendar: all('id event createdAt'),
  TokenViewer: all('token permissions roles tokens'),
  ViewerRole: all('role event tracks speaker'),
  GrantedPermission: all('permission extent'),
  AccessToken: {
    ...all('id label role user isEverywhere events permissions expiresAt revokedAt lastUsedAt createdAt'),
    ...all('lastModifiedAt version'),
  },
  Member: {
    ...all('id user role tracks createdAt lastModifiedAt version'),
    email: { orNull: 'member:manage' },
  },
  User: all('id name'),
  Invitation: all('id email role tracks speaker createdAt expiresAt'),
  Webhook: {
    ...all('id url label kinds state stopReason user formerSecretUntil deliveries createdAt lastModifiedAt'),
    ...all('version'),
  },
  WebhookDelivery: {
    ...all('id messageId type nodeId nodeVersion committedAt state tries nextTryAt lastTriedAt request'),
    ...all('responseStatus response fault createdAt'),
  },
}

/** Where an object of a type is to be found, and what it takes to get there. */
export const places: Record<string, { readonly at: string; readonly needs?: Permission }> = {
  Event: { at: 'event(slug: "home") { HERE }' },
  Session: { at: 'event(slug: "home") { sessions(filter: { states: [CONFIRMED] }) { nodes { HERE } } }' },
  Track: { at: 'event(slug: "home") { tracks { HERE } }' },
  Room: { at: 'event(slug: "home") { rooms { HERE } }' },
  SessionType: { at: 'event(slug: "home") { sessionTypes { HERE } }' },
  Break: { at: 'event(slug: "home") { breaks { HERE } }' },
  DeletedPart: { at: 'event(slug: "home") { deletedParts { HERE } }', needs: 'programme:edit' },
  DeletedEvent: { at: 'deletedEvents { HERE }', needs: 'event:delete' },
  EventDay: { at: 'event(slug: "home") { days { HERE } }' },
  Link: { at: 'event(slug: "home") { links { HERE } }' },
  Venue: { at: 'event(slug: "home") { venue { HERE } }' },
  Period: { at: 'event(slug: "home") { rooms { openingHours { HERE } } }' },
  ScheduleConflict: { at: 'event(slug: "home") { scheduleConflicts { HERE } }' },
  Revision: {
    at: 'event(slug: "home") { tracks { history(first: 1) { nodes { HERE } } } }',
    needs: 'programme:edit',
  },
  Speaker: { at: 'event(slug: "home") { speakers { nodes { HERE } } }' },
  GrantedPermission: { at: 'event(slug: "home") { viewerPermissions { HERE } }' },
  AnonymousViewer: { at: 'viewer { ... on AnonymousViewer { HERE } }' },
  UserViewer: { at: 'viewer { ... on UserViewer { HERE } }' },
  PersonalCalendar: { at: 'viewer { ... on UserViewer { personalCalendars { HERE } } }' },
  TokenViewer: { at: 'viewer { ... on TokenViewer { HERE } }' },
  ViewerRole: { at: 'viewer { roles { HERE } }' },
  AccessToken: { at: 'event(slug: "home") { tokens { nodes { HERE } } }', needs: 'token:manage' },
  Member: { at: 'event(slug: "home") { members { nodes { HERE } } }', needs: 'member:read' },
  User: { at: 'event(slug: "home") { members { nodes { user { HERE } } } }', needs: 'member:read' },
  Invitation: { at: 'event(slug: "home") { invitations { nodes { HERE } } }', needs: 'speaker:manage' },
  Webhook: { at: webhooks('HERE'), needs: 'webhook:manage' },
  WebhookDelivery: {
    at: webhooks('deliveries(first: 1) { nodes { HERE } }'),
    needs: 'webhook:manage',
  },
  SearchHit: { at: 'search(eventSlug: "home", text: "talk") { nodes { HERE } }' },
  SearchMatch: { at: 'search(eventSlug: "home", text: "talk") { nodes { matches { HERE } } }' },
  TextRange: { at: 'search(eventSlug: "home", text: "talk") { nodes { matches { ranges { HERE } } } }' },
  ChangesSummary: { at: 'changesSummary(eventSlug: "home", since: "2000-01-01T00:00:00Z") { HERE }' },
  SessionNews: {
    at: 'changesSummary(eventSlug: "home", since: "2000-01-01T00:00:00Z") { changes { nodes { HERE } } }',
  },
  SessionPlace: {
    at: 'changesSummary(eventSlug: "home", since: "2000-01-01T00:00:00Z") { changes { nodes { to { HERE } } } }',
  },
  SessionChangeFeed: { at: 'sessionChanges(eventSlug: "home") { HERE }' },
  SessionChange: { at: 'sessionChanges(eventSlug: "home") { changes { HERE } }' },
  ProgrammeChangeFeed: { at: 'programmeChanges(eventSlug: "home") { HERE }' },
  ProgrammeChange: { at: 'programmeChanges(eventSlug: "home") { changes { HERE } }' },
  SessionRevision: { at: revisions('HERE'), needs: 'session:history' },
  Actor: { at: revisions('actor { HERE }'), needs: 'session:history' },
  FieldChange: { at: revisions('changes { HERE }'), needs: 'session:history' },
}

/** How a change ends: 'done', or the code of the error. */
export type Outcome = 'done' | 'UNAUTHENTICATED' | 'FORBIDDEN' | 'NOT_FOUND' | 'BAD_USER_INPUT'

/** One way to use a mutation. */
export interface Attempt {
  /** Every one of them; told in the mutation's description. */
  readonly needs: readonly Permission[]
  /** Makes what is acted on, anew for each asker, and gives the mutation and how it has to end. */
  readonly make: (scene: Scene, asker: Asker) => Promise<{ mutation: string; outcome: Outcome }>
  /** Of what nobody can make anew: what takes it back, for the asker who comes next. */
  readonly takenBack?: (scene: Scene) => Promise<unknown>
}

const partNames = {
  track: 'Track',
  room: 'Room',
  sessionType: 'SessionType',
  break: 'Break',
} as const

type Part = keyof typeof partNames

const lunch = { startsAt: new Date('2027-05-01T10:00:00Z'), endsAt: new Date('2027-05-01T11:00:00Z') }

const themselves: Target = { inTrack: false, isOwn: true }

export const mutationNeeds: Record<string, Record<string, Attempt>> = {
  createEvent: {
    anew: {
      needs: ['event:create'],
      make: async (_scene, asker) => {
        const days = 'startsAt: "2027-01-01T00:00:00Z", endsAt: "2027-01-02T00:00:00Z"'
        const input = `{ slug: "e-${serial()}", name: "E", timeZone: "UTC", ${days} }`
        const outcome = ifAll(asker, ['event:create'])
        return { mutation: `createEvent(input: ${input}) { event { id } }`, outcome }
      },
    },
  },
  copyEvent: {
    it: onEvent(
      ['event:create', 'session:read', 'speaker:read'],
      (id) =>
        `copyEvent(id: "${id}", input: { slug: "c-${serial()}", name: "C", startsAt: "2028-05-01T08:00:00Z" }) { event { id } }`,
    ),
  },
  updateEvent: {
    name: onEvent(
      ['event:update'],
      (id) => `updateEvent(id: "${id}", patch: { name: "New" }) { event { id } }`,
    ),
    state: onEvent(
      ['event:publish'],
      (id, scene) => `updateEvent(id: "${id}", patch: { state: ${scene.state} }) { event { id } }`,
    ),
  },
  revertEvent: {
    back: onEvent(
      ['event:update', 'event:publish'],
      (id) => `revertEvent(id: "${id}", toVersion: 1) { event { id } }`,
    ),
  },
  deleteEvent: {
    it: {
      ...onEvent(['event:delete'], (id) => `deleteEvent(id: "${id}") { event { id } }`),
      takenBack: ({ world }) => world.sql('UPDATE events SET deleted_at = NULL'),
    },
  },
  restoreEvent: {
    'as it is': onEvent(['event:delete'], (id) => `restoreEvent(id: "${id}") { event { id } }`),
  },
  createSession: {
    'of their own': newSession('own', ''),
    'of others': newSession('others', ''),
    'with a room': newSession('own', 'roomId: ROOM', 'session:place'),
    'at a time': newSession('others', 'startsAt: "2027-05-01T10:00:00Z"', 'session:place'),
    accepted: newSession('own', 'state: ACCEPTED', 'session:decide'),
  },
  updateSession: {
    ...onSessions('title', ['session:update'], (id) => update(id, 'title: "New"')),
    ...onSessions('time', ['session:place'], (id) => update(id, 'startsAt: "2027-05-01T10:00:00Z"')),
    ...onSessions('room', ['session:place'], (id) => update(id, 'roomId: null')),
    ...onSessions('state', ['session:decide'], (id) => update(id, 'state: REJECTED')),
  },
  changeSessionState: {
    ...onSessions('reject', ['session:decide'], (id) => changeState(id, 'REJECTED')),
    ...onSessions('withdraw', [['session:decide', 'session:withdraw']], (id) => changeState(id, 'WITHDRAWN')),
  },
  setSessionLocks: onSessions('lock', ['session:lock'], (id) => {
    return `setSessionLocks(id: "${id}", content: true) { session { id } }`
  }),
  deleteSession: onSessions(
    'delete',
    ['session:delete'],
    (id) => `deleteSession(id: "${id}") { session { id } }`,
  ),
  restoreSession: {
    ...onSessions('as it is', ['session:delete'], (id) => `restoreSession(id: "${id}") { session { id } }`),
    ...onSessions(
      'deleted',
      ['session:delete'],
      (id) => `restoreSession(id: "${id}") { session { id } }`,
      new Date('2027-01-01T00:00:00Z'),
    ),
  },
  revertSession: onSessions(
    'back',
    ['session:history', 'session:update', 'session:place'],
    (id) => `revertSession(id: "${id}", toVersion: 1) { session { id } }`,
  ),
  ...needsOfPart('track', 'themselves'),
  ...needsOfPart('room', 'themselves'),
  ...needsOfPart('sessionType', 'themselves'),
  ...needsOfPart('break', 'with times'),
  reorderTracks: { back: onOrder('Tracks', ({ tracks }) => tracks) },
  reorderRooms: { back: onOrder('Rooms', ({ room }) => [room]) },
  reorderSessionTypes: { back: onOrder('SessionTypes', ({ type }) => [type]) },
  createSpeaker: {
    anew: onEvent(['speaker:manage'], (_id, { slug }) => {
      return `createSpeaker(input: { eventSlug: "${slug}", name: "New" }) { speaker { id } }`
    }),
  },
  updateSpeaker: {
    themselves: {
      needs: ['speaker:update'],
      make: async (scene, asker) => {
        await makeSession(scene, { state: 'CONFIRMED', isOwn: true })
        const isSeen = scene.state === 'PUBLISHED' || reaches(asker, 'speaker:read', themselves)
        return {
          mutation: `updateSpeaker(id: "${scene.speakers[0]}", patch: { country: "X" }) { speaker { id } }`,
          outcome: unless(asker, isSeen, ['speaker:update'], themselves),
        }
      },
    },
    hidden: onSpeaker('speaker:update', (id) => `updateSpeaker(id: "${id}", patch: { country: "X" })`),
  },
  deleteSpeaker: { hidden: onSpeaker('speaker:manage', (id) => `deleteSpeaker(id: "${id}")`) },
  restoreSpeaker: { 'as it is': onSpeaker('speaker:manage', (id) => `restoreSpeaker(id: "${id}")`) },
  placeSession: onSessions('place', ['session:place'], (id) => {
    return `placeSession(id: "${id}", to: { startsAt: "2027-05-01T10:00:00Z" }) { session { id } }`
  }),
  unplaceSession: onSessions(
    'unplace',
    ['session:place'],
    (id) => `unplaceSession(id: "${id}") { session { id } }`,
  ),
  placeSessions: onSessions('place', ['session:place'], (id) => {
    const placement = `{ sessionId: "${id}", startsAt: "2027-05-01T10:00:00Z" }`
    return `placeSessions(placements: [${placement}]) { sessions { id } }`
  }),
  swapSessions: onSessions(
    'swap',
    ['session:place'],
    (id, other) => `swapSessions(one: { id: "${id}" }, other: { id: "${other}" }) { sessions { id } }`,
  ),
  mintToken: {
    anew: {
      needs: ['token:mint'],
      make: async (_scene, asker) => ({
        mutation: 'mintToken(input: { label: "x" }) { token { id } }',
        outcome: ifAll(asker, ['token:mint']),
      }),
    },
  },
  rotateToken: {
    'of their own': onOwnToken((id) => `rotateToken(id: "${id}") { token { id } }`),
    "of the event's": onEventsToken((id) => `rotateToken(id: "${id}") { token { id } }`, true),
  },
  revokeToken: {
    'of their own': onOwnToken((id) => `revokeToken(id: "${id}") { token { id } }`),
    "of the event's": onEventsToken((id) => `revokeToken(id: "${id}") { token { id } }`, false),
  },
  inviteMember: {
    reviewer: onEvent(['member:manage'], (_id, { slug }) => {
      const input = `{ eventSlug: "${slug}", email: "a@example.org", role: REVIEWER }`
      return `inviteMember(input: ${input}) { invitation { id } }`
    }),
  },
  inviteSpeaker: {
    hidden: {
      needs: ['speaker:manage'],
      make: async (scene, asker) => {
        const { id } = await newSpeaker(scene)
        const outcome = unless(asker, reaches(asker, 'speaker:read'), ['speaker:manage'])
        const input = `{ speakerId: "${id}", email: "a@example.org" }`
        return { mutation: `inviteSpeaker(input: ${input}) { invitation { id } }`, outcome }
      },
    },
  },
  acceptInvitation: {
    'to be a reviewer': {
      needs: ['invitation:accept'],
      make: async ({ world }, asker) => {
        const { eventId } = await makeEvent(world, `e-${serial()}`, 'DRAFT')
        const secret = newSecret('oei')
        await world.operator.db.invitation.create({
          data: {
            eventId,
            email: 'a@example.org',
            role: 'REVIEWER',
            expiresAt: nextYear,
            hash: hashOfSecret(secret),
          },
        })
        const isPerson = asker.userId !== null || asker.roles.includes('ANONYMOUS')
        return {
          mutation: `acceptInvitation(secret: "${secret}") { role }`,
          outcome: isPerson ? ifAll(asker, ['invitation:accept']) : 'FORBIDDEN',
        }
      },
    },
  },
  setFavorite: {
    "of a session that isn't there": onFavorites(async () => ({
      mutation: `setFavorite(sessionId: "${randomUUID()}", isFavorite: true) { session { id } }`,
      outcome: 'NOT_FOUND',
    })),
  },
  createPersonalCalendar: {
    'of the event': onFavorites(async (scene, asker) => ({
      mutation: `createPersonalCalendar(eventSlug: "${scene.slug}") { calendar { id } }`,
      outcome: seesEvent(scene, asker) ? 'done' : 'NOT_FOUND',
    })),
  },
  revokePersonalCalendar: {
    'of their own': onFavorites(async ({ world, eventId }, { userId }) => {
      const hash = hashOfSecret(newSecret('oec'))
      const data = { userId: userId!, eventId, hash }
      const { id } =
        userId === null ? { id: randomUUID() } : await world.operator.db.personalCalendar.create({ data })
      return { mutation: `revokePersonalCalendar(id: "${id}") { calendarId }`, outcome: 'done' }
    }),
  },
  revokeInvitation: {
    'to be a reviewer': onInvitation('REVIEWER', ['member:manage']),
    'to be a speaker': onInvitation('SPEAKER', [['member:manage', 'speaker:manage']]),
  },
  changeMember: {
    role: onMember((id) => `changeMember(id: "${id}", role: MODERATOR) { member { id } }`),
  },
  removeMember: { anybody: onMember((id) => `removeMember(id: "${id}") { memberId }`) },
  leaveEvent: {
    'where they are what they are': {
      needs: ['member:leave'],
      make: async (scene, asker) => {
        const { eventId, isMember, isOwner } = await eventLikeThis(scene, asker)
        const may = ifAll(asker, ['member:leave'])
        const outcome = may === 'done' && (!isMember || isOwner) ? 'BAD_USER_INPUT' : may
        return { mutation: `leaveEvent(id: "${eventId}") { memberId }`, outcome }
      },
    },
  },
  createWebhook: {
    anew: onEvent(['webhook:manage'], (_id, { slug }) => {
      const input = `{ eventSlug: "${slug}", url: "https://webhooks.invalid/", label: "x", kinds: [BREAK] }`
      return `createWebhook(input: ${input}) { webhook { id } }`
    }),
  },
  updateWebhook: {
    label: onWebhook((id) => `updateWebhook(id: "${id}", patch: { label: "New" }) { webhook { id } }`),
  },
  deleteWebhook: { paused: onWebhook((id) => `deleteWebhook(id: "${id}") { webhookId }`) },
  rotateWebhookSecret: { paused: onWebhook((id) => `rotateWebhookSecret(id: "${id}") { webhook { id } }`) },
  replayWebhook: {
    'a day': onWebhook(
      (id) => `replayWebhook(id: "${id}", since: "2026-01-01T00:00:00Z") { webhook { id } }`,
    ),
  },
  testWebhook: { active: onWebhook((id) => `testWebhook(id: "${id}") { webhook { id } }`, 'ACTIVE') },
  transferEvent: {
    'to a member': {
      needs: ['event:transfer'],
      make: async (scene, asker) => {
        const { eventId } = await eventLikeThis(scene, asker)
        const { id } = await newMember(scene, eventId)
        return {
          mutation: `transferEvent(id: "${eventId}", toMemberId: "${id}") { owner { id } formerOwner { id } }`,
          outcome: ifAll(asker, ['event:transfer']),
        }
      },
    },
  },
}

function webhooks(selection: string): string {
  return `event(slug: "home") { webhooks(first: 1) { nodes { ${selection} } } }`
}

const nextYear = new Date(Date.now() + 300 * 86_400_000)

let last = 0
function serial(): number {
  return (last += 1)
}

function all(fields: string): Record<string, 'nothing'> {
  return Object.fromEntries(fields.split(' ').map((field) => [field, 'nothing']))
}

function revisions(selection: string): string {
  return `event(slug: "home") { sessions { nodes { history(first: 5) { nodes { ${selection} } } } } }`
}

/** Every one of the permissions; of a list one is enough. */
type Needed = readonly (Permission | readonly Permission[])[]

function ifAll(asker: Asker, needs: Needed, target?: Target): Outcome {
  if (asker.roles.includes('ANONYMOUS')) return 'UNAUTHENTICATED'
  const has = needs.every((one) => [one].flat().some((permission) => reaches(asker, permission, target)))
  return has ? 'done' : 'FORBIDDEN'
}

/** The same for what the asker may not even see. */
function unless(asker: Asker, isSeen: boolean, needs: Needed, target?: Target): Outcome {
  const outcome = ifAll(asker, needs, target)
  return outcome === 'FORBIDDEN' && !isSeen ? 'NOT_FOUND' : outcome
}

export function seesEvent(scene: Scene, asker: Asker): boolean {
  return scene.state === 'PUBLISHED' || reaches(asker, 'event:read')
}

function onEvent(needs: readonly Permission[], mutation: (id: string, scene: Scene) => string): Attempt {
  const make: Attempt['make'] = async (scene, asker) => ({
    mutation: mutation(scene.eventId, scene),
    outcome: unless(asker, seesEvent(scene, asker), needs),
  })
  return { needs, make }
}

/** What people do with favorites of theirs. @param make what a person does, and how it ends */
function onFavorites(make: Attempt['make']): Attempt {
  return {
    needs: ['favorite:keep'],
    make: async (scene, asker) => {
      const { mutation, outcome } = await make(scene, asker)
      const may = ifAll(asker, ['favorite:keep'])
      return { mutation, outcome: may === 'done' ? (asker.userId === null ? 'FORBIDDEN' : outcome) : may }
    },
  }
}

/** On a webhook that is made anew; nobody else knows that there is one. */
function onWebhook(mutation: (id: string) => string, state: 'ACTIVE' | 'PAUSED' = 'PAUSED'): Attempt {
  const needs = ['webhook:manage'] as const
  const make: Attempt['make'] = async (scene, asker) => {
    const { eventId, world } = scene
    const label = `made for ${asker.name}`
    // An event has only so many.
    await world.operator.db.webhook.deleteMany({ where: { label } })
    const { id: tokenId } = await world.operator.db.accessToken.findFirstOrThrow({ orderBy: { id: 'asc' } })
    const { id } = await world.operator.db.webhook.create({
      data: {
        ...{
          eventId,
          state,
          tokenId,
          url: 'https://webhooks.invalid/',
          label,
          key: new Uint8Array(32),
        },
        cursors: { create: { seq: -1n } },
      },
    })
    return { mutation: mutation(id), outcome: unless(asker, reaches(asker, 'webhook:manage'), needs) }
  }
  return { needs, make }
}

/** Adding, changing, deleting and restoring one kind of parts, each on one made anew. */
function needsOfPart(part: Part, kind: 'themselves' | 'with times'): Record<string, Record<string, Attempt>> {
  const needs = ['programme:edit'] as const
  const name = partNames[part]
  const more = kind === 'with times' ? lunch : {}
  const times =
    kind === 'with times'
      ? `startsAt: "${lunch.startsAt.toISOString()}", endsAt: "${lunch.endsAt.toISOString()}"`
      : ''
  const onPart = (mutation: (id: string) => string): Attempt => ({
    needs,
    make: async (scene, asker) => {
      // Prisma's delegates have nothing in common that TypeScript could call.
      const table = scene.world.operator.db[part] as unknown as {
        create(args: object): Promise<{ id: string }>
      }
      const { id } = await table.create({ data: { eventId: scene.eventId, name: 'New', ...more } })
      return {
        mutation: `${mutation(id)} { ${part} { id } }`,
        outcome: unless(asker, seesEvent(scene, asker), needs),
      }
    },
  })
  return {
    [`create${name}`]: {
      anew: onEvent(needs, (_id, { slug }) => {
        return `create${name}(input: { eventSlug: "${slug}", name: "New", ${times} }) { ${part} { id } }`
      }),
    },
    [`update${name}`]: { name: onPart((id) => `update${name}(id: "${id}", patch: { name: "Newer" })`) },
    [`delete${name}`]: { anew: onPart((id) => `delete${name}(id: "${id}")`) },
    [`restore${name}`]: { 'as it is': onPart((id) => `restore${name}(id: "${id}")`) },
  }
}

/** On an event of its own, whose parts nobody else adds to meanwhile. */
function onOrder(
  plural: string,
  idsOf: (parts: Awaited<ReturnType<typeof eventLikeThis>>) => readonly string[],
): Attempt {
  return {
    needs: ['programme:edit'],
    make: async (scene, asker) => {
      const parts = await eventLikeThis(scene, asker)
      const ids = idsOf(parts).map((id) => `"${id}"`)
      return {
        mutation: `reorder${plural}(eventSlug: "${parts.slug}", ids: [${ids.join(', ')}]) { event { id } }`,
        outcome: ifAll(asker, ['programme:edit']),
      }
    },
  }
}

/** On a speaker without a session, whom only the team sees. */
function onSpeaker(needed: Permission, mutation: (id: string) => string): Attempt {
  return {
    needs: [needed],
    make: async (scene, asker) => {
      const { id } = await newSpeaker(scene)
      return {
        mutation: `${mutation(id)} { speaker { id } }`,
        outcome: unless(asker, reaches(asker, 'speaker:read'), [needed]),
      }
    },
  }
}

function newSession(whose: 'own' | 'others', more: string, needed?: Permission): Attempt {
  const needs = ['session:create' as const, ...(needed === undefined ? [] : [needed])]
  const make: Attempt['make'] = async (scene, asker) => {
    const at = whose === 'own' ? 0 : 1
    const where = `trackId: "${scene.tracks[at]}", speakerIds: ["${scene.speakers[at]}"]`
    const input = `{ eventSlug: "${scene.slug}", title: "X", ${where}, ${more.replace('ROOM', `"${scene.room}"`)} }`
    const target = { inTrack: whose === 'own', isOwn: whose === 'own' }
    return {
      mutation: `createSession(input: ${input}) { session { id } }`,
      outcome: unless(asker, seesEvent(scene, asker), needs, target),
    }
  }
  return { needs, make }
}

/** On a session that is hidden and the asker's own, on a hidden one of others, and on a public one. */
function onSessions(
  name: string,
  needs: Needed,
  mutation: (id: string, another: string) => string,
  deletedAt?: Date,
): Record<string, Attempt> {
  const attempt = (state: SessionState, isOwn: boolean): Attempt => ({
    needs: needs.flat(),
    make: async (scene, asker) => {
      const [id, another] = await Promise.all([
        makeSession(scene, { state, isOwn, ...(deletedAt && { deletedAt }) }),
        mutation.length === 2 ? makeSession(scene, { state, isOwn, startsAt: lunch.startsAt }) : '',
      ])
      const target = { inTrack: isOwn, isOwn }
      const isPublic = state === 'CONFIRMED' && scene.state === 'PUBLISHED' && deletedAt === undefined
      const isSeen = isPublic || reaches(asker, deletedAt ? 'session:read-deleted' : 'session:read', target)
      // What a session needs is asked of who sees it: a token without session:read doesn't write blindly.
      return {
        mutation: mutation(id, another),
        outcome: unless(asker, isSeen && seesEvent(scene, asker), needs, target),
      }
    },
  })
  return {
    [`${name}, hidden and their own`]: attempt('PENDING', true),
    [`${name}, hidden`]: attempt('PENDING', false),
    [`${name}, public`]: attempt('CONFIRMED', false),
  }
}

interface NewSession {
  readonly state: SessionState
  readonly isOwn: boolean
  readonly deletedAt?: Date
  readonly startsAt?: Date | null
  readonly endsAt?: Date | null
}

/** A session with one speaker. Those that are asked for at a time are made at once. */
export function makeSession(scene: Scene, values: NewSession): Promise<string> {
  let maker = makers.get(scene)
  if (maker === undefined) {
    maker = new DataLoader((sessions) => makeSessions(scene, sessions), { cache: false })
    makers.set(scene, maker)
  }
  return maker.load(values)
}

const makers = new WeakMap<Scene, DataLoader<NewSession, string>>()

async function makeSessions(scene: Scene, sessions: readonly NewSession[]): Promise<string[]> {
  const { eventId, tracks, speakers, world } = scene
  const { db } = world.operator
  const made = await db.session.createManyAndReturn({
    data: sessions.map(({ isOwn, ...values }) => ({
      ...{ eventId, title: 'Talk', trackId: tracks[isOwn ? 0 : 1]! },
      ...values,
    })),
    select: { id: true },
  })
  const ids = made.map(({ id }) => id)
  await db.sessionSpeaker.createMany({
    data: sessions.map(({ isOwn }, at) => ({
      eventId,
      sessionId: ids[at]!,
      speakerId: speakers[isOwn ? 0 : 1]!,
    })),
  })
  return ids
}

function update(id: string, patch: string): string {
  return `updateSession(id: "${id}", patch: { ${patch} }) { session { id } }`
}

function changeState(id: string, to: SessionState): string {
  return `changeSessionState(id: "${id}", to: ${to}) { session { id } }`
}

function onOwnToken(mutation: (id: string) => string): Attempt {
  return {
    needs: ['token:mint'],
    make: async ({ world }, asker) => {
      const { userId, tokenId: parentId } = asker
      const whose = { userId, parentId, role: userId === null ? ('ORGANIZER' as const) : null }
      const values = { ...organizerOfEverything, ...whose, label: 'x' }
      const { id } = await mintToken(world.operator.db, values)
      return { mutation: mutation(id), outcome: ifAll(asker, ['token:mint']) }
    },
  }
}

/** A token that somebody else minted, held to the event. Nobody but its user is shown a new secret of it. */
function onEventsToken(mutation: (id: string) => string, isRotation: boolean): Attempt {
  return {
    needs: isRotation ? ['token:mint'] : ['token:manage'],
    make: async ({ world, eventId }, asker) => {
      const values = { ...organizerOfEverything, eventIds: [eventId], label: 'x' }
      const { id } = await mintToken(world.operator.db, values)
      const isSeen = reaches(asker, 'token:manage')
      const manages = unless(asker, isSeen, ['token:manage'])
      const outcome = isRotation && manages === 'done' ? 'FORBIDDEN' : manages
      // Who may rotate no token at all is told so before anything is looked at.
      const mayRotate = reaches(asker, 'token:mint') || asker.roles.includes('ANONYMOUS')
      return { mutation: mutation(id), outcome: isRotation && !mayRotate ? 'FORBIDDEN' : outcome }
    },
  }
}

function onInvitation(role: 'REVIEWER' | 'SPEAKER', needs: Needed): Attempt {
  return {
    needs: needs.flat(),
    make: async (scene, asker) => {
      const { world, eventId } = scene
      const speakerId = role === 'SPEAKER' ? (await newSpeaker(scene)).id : null
      const offer = { email: 'a@example.org', expiresAt: nextYear, hash: hashOfSecret(newSecret('oei')) }
      const { id } = await world.operator.db.invitation.create({
        data: { eventId, role, speakerId, ...offer },
      })
      return {
        mutation: `revokeInvitation(id: "${id}") { invitationId }`,
        outcome: unless(asker, false, needs),
      }
    },
  }
}

function onMember(mutation: (id: string) => string): Attempt {
  return {
    needs: ['member:manage'],
    make: async (scene, asker) => {
      const { id } = await newMember(scene, scene.eventId)
      return {
        mutation: mutation(id),
        outcome: unless(asker, reaches(asker, 'member:read'), ['member:manage']),
      }
    },
  }
}

async function newSpeaker({ world, eventId }: Scene) {
  return world.operator.db.speaker.create({ data: { eventId, name: 'New' }, select: { id: true } })
}

async function newMember({ world }: Scene, eventId: string) {
  const { db } = world.operator
  const user = await db.user.create({ data: { issuer: 'local', subject: `u-${serial()}` } })
  return db.membership.create({ data: { eventId, userId: user.id, role: 'REVIEWER' } })
}

/** Another event, which everybody sees, where the asker's user is what they are at this one. */
async function eventLikeThis(scene: Scene, { userId, tokenId }: Asker) {
  const { db } = scene.world.operator
  const slug = `e-${serial()}`
  const event = await makeEvent(scene.world, slug, 'PUBLISHED')
  const { eventId, tracks } = event
  const { id: type } = await db.sessionType.create({ data: { eventId, name: 'Talk' } })
  const parts = { ...event, slug, type }
  const here = userId && (await db.membership.findFirst({ where: { userId, eventId: scene.eventId } }))
  if (tokenId !== null) {
    // A token that is held to the one event is held to the other, too.
    await db.$executeRaw`
      UPDATE access_tokens SET event_ids = event_ids || ${eventId}::uuid
      WHERE id = ${tokenId}::uuid AND ${scene.eventId}::uuid = ANY (event_ids)`
  }
  if (!here) return { ...parts, isMember: false, isOwner: false }
  const trackIds = here.role === 'TRACK_ORGANIZER' ? [tracks[0]!] : []
  await db.membership.create({ data: { eventId, userId, role: here.role, trackIds } })
  return { ...parts, isMember: true, isOwner: here.role === 'OWNER' }
}
