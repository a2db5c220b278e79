import type { EventRole } from '../generated/prisma/client.ts'

/** Everything that somebody can be: at an event, on the whole server (ADMIN), signed in (VISITOR), or nobody. */
export type Role = EventRole | 'ADMIN' | 'VISITOR' | 'ANONYMOUS'

/**
 * How far a permission of a role goes: everything of the event; or what is its own: for a track organizer the sessions
 * of the tracks, for a speaker the sessions that name the speaker, and the speaker.
 */
export type Extent = 'all' | 'own'

interface Rule {
  /** What it allows, for people. */
  readonly means: string
  readonly roles: Readonly<Partial<Record<Role, Extent>>>
}

const team = {
  OWNER: 'all',
  ORGANIZER: 'all',
  CO_ORGANIZER: 'all',
  TRACK_ORGANIZER: 'all',
  MODERATOR: 'all',
  REVIEWER: 'all',
} as const
const heads = { OWNER: 'all', ORGANIZER: 'all' } as const
const organizers = { ...heads, CO_ORGANIZER: 'all' } as const
const organizersAndTracks = { ...organizers, TRACK_ORGANIZER: 'own' } as const

/**
 * Who may do what: the only place that says so. Reading what is public (published events, their accepted and confirmed
 * sessions, who holds those) needs no permission; an ADMIN has every one.
 */
export const permissions = {
  'event:create': { means: 'make an event, and own it', roles: { VISITOR: 'all' } },
  'event:read': { means: 'see an event that is a draft', roles: { ...team, SPEAKER: 'all' } },
  'event:update': { means: 'change and revert an event, read its history', roles: organizers },
  'event:publish': { means: 'show an event to the public, or hide it again', roles: heads },
  'event:delete': { means: 'delete and restore an event', roles: { OWNER: 'all' } },
  'event:transfer': { means: 'hand an event over to another owner', roles: { OWNER: 'all' } },
  'member:read': { means: 'see who works on an event', roles: team },
  'member:manage': { means: 'invite people, change their roles, remove them', roles: heads },
  'member:leave': { means: 'leave an event; its owner hands it over first', roles: team },
  'invitation:accept': { means: 'become what an invitation offers', roles: { VISITOR: 'all' } },
  'token:mint': { means: 'mint, list, rotate and revoke tokens of their own', roles: { VISITOR: 'all' } },
  'favorite:keep': {
    means: 'keep favorites, and make calendars of them',
    roles: { VISITOR: 'all' },
  },
  'token:manage': { means: 'list and revoke all tokens that are held to an event', roles: heads },
  'webhook:manage': { means: "set up an event's webhooks, read what they were sent", roles: heads },
  'session:read': { means: "see sessions that aren't public", roles: { ...team, SPEAKER: 'own' } },
  'session:read-deleted': { means: 'see deleted sessions', roles: organizersAndTracks },
  'session:history': {
    means: 'read the history of sessions, and see them as of an instant',
    roles: { ...organizersAndTracks, MODERATOR: 'all' },
  },
  'session:create': {
    means: 'add sessions; a speaker those of their own',
    roles: { ...organizersAndTracks, SPEAKER: 'own' },
  },
  'session:update': {
    means: 'edit what sessions say; a speaker while they are not locked',
    roles: { ...organizersAndTracks, SPEAKER: 'own' },
  },
  'session:place': { means: 'set the time, room and track of sessions', roles: organizersAndTracks },
  'session:decide': { means: "set a session's state as an organizer may", roles: organizersAndTracks },
  'session:withdraw': { means: "set a session's state as its speaker may", roles: { SPEAKER: 'own' } },
  'session:lock': { means: 'keep speakers from editing a session', roles: organizersAndTracks },
  'session:delete': { means: 'delete and restore sessions', roles: organizersAndTracks },
  'speaker:read': {
    means: 'see speakers who hold no public session',
    roles: { ...team, SPEAKER: 'own' },
  },
  'speaker:update': {
    means: 'edit speakers; a speaker themselves',
    roles: { ...organizers, SPEAKER: 'own' },
  },
  'speaker:manage': {
    means: 'add, invite, delete and restore speakers, read their history',
    roles: organizers,
  },
  'programme:edit': {
    means: 'edit rooms, tracks, session types and breaks, read their history',
    roles: organizers,
  },
  'schedule:read': {
    means: 'see the conflicts of a schedule; a speaker those of their own sessions',
    roles: { ...team, SPEAKER: 'own' },
  },
} as const satisfies Record<string, Rule>

export type Permission = keyof typeof permissions

export const allPermissions = Object.keys(permissions) as Permission[]

/** Those that lie in no event: whoever signed in has them. */
export const serverPermissions = allPermissions.filter((one) => extentOf('VISITOR', one) !== undefined)

/** How far a role's permission goes; undefined where it has none. */
export function extentOf(role: Role, permission: Permission): Extent | undefined {
  if (role === 'ADMIN') return 'all'
  const { roles }: Rule = permissions[permission]
  return roles[role]
}

/** Whether one role may all that another may. */
export function covers(one: Role, other: Role): boolean {
  return (
    one === other ||
    allPermissions.every((permission) => {
      const extent = extentOf(other, permission)
      return extent === undefined || extentOf(one, permission) === 'all'
    })
  )
}
