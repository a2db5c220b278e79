import type { EventRole } from '../generated/prisma/client.ts'
import type { Permission, Role } from './permissions.ts'

/** What a viewer is at an event, or everywhere. */
export interface Grant {
  readonly role: Role
  /** null: at every event, and where no event is concerned. */
  readonly eventId: string | null
  /** The tracks of a track organizer. */
  readonly trackIds: readonly string[]
  /** Of the role, only what this one may, too; left out: all of it. */
  readonly atMost?: EventRole | null
}

interface Granted {
  readonly grants: readonly Grant[]
  /** What of the grants counts; null: all of it. */
  readonly heldTo: ReadonlySet<Permission> | null
}

/** What a token was minted for. */
export interface TokenScope {
  /** What it acts like; with a user: at most like that. null: as its user does. */
  readonly role: EventRole | null
  /** Empty: in every event, and where no event is concerned. */
  readonly eventIds: readonly string[]
  /** null: until it is revoked. */
  readonly expiresAt: Date | null
}

/** Who asks, and what that makes them. */
export type Viewer = Granted &
  (
    | { readonly kind: 'anonymous' }
    | {
        readonly kind: 'user'
        readonly userId: string
        readonly name: string | null
        readonly email: string | null
      }
    | {
        readonly kind: 'token'
        readonly tokenId: string
        readonly label: string
        /** For whom it acts; null: nobody, an operator minted it. */
        readonly userId: string | null
        readonly scope: TokenScope
      }
    /** Whoever runs our commands beside the server. */
    | { readonly kind: 'operator' }
  )

const everywhere = (role: Role): Grant => ({ role, eventId: null, trackIds: [] })

export const anonymous: Viewer = { kind: 'anonymous', grants: [everywhere('ANONYMOUS')], heldTo: null }

export const operator: Viewer = { kind: 'operator', grants: [everywhere('ADMIN')], heldTo: null }

/** Who is held to a share of the server; null: the address that asks, because nobody signed in. */
export function payerOf(viewer: Viewer): string | null {
  return userIdOf(viewer) ?? (viewer.kind === 'token' ? viewer.tokenId : null)
}

/** What the database knows of a user. */
export interface KnownUser {
  readonly id: string
  readonly name: string | null
  readonly email: string | null
  readonly isAdmin: boolean
  readonly memberships: readonly { eventId: string; role: EventRole; trackIds: string[] }[]
  /** The events at which the user is a speaker. */
  readonly speaksAt: readonly string[]
}

export function userViewer(user: KnownUser): Viewer {
  const { id, name, email } = user
  return { kind: 'user', userId: id, name, email, heldTo: null, grants: grantsOfUser(user) }
}

export function grantsOfUser({ isAdmin, memberships, speaksAt }: KnownUser): Grant[] {
  return [
    everywhere('VISITOR'),
    ...(isAdmin ? [everywhere('ADMIN')] : []),
    ...memberships,
    ...speaksAt.map((eventId): Grant => ({ role: 'SPEAKER', eventId, trackIds: [] })),
  ]
}

/**
 * What a token makes whoever has it: one of its role, or what is left of its user's own roles.
 *
 * @param user null: it acts for nobody
 */
export function grantsOfToken({ role, eventIds }: TokenScope, user: KnownUser | null): Grant[] {
  const grants =
    user !== null
      ? grantsOfUser(user).map((grant) => (grant.role === 'VISITOR' ? grant : { ...grant, atMost: role }))
      : role === null
        ? []
        : [everywhere('VISITOR'), everywhere(role)]
  return eventIds.length === 0 ? grants : grants.flatMap((grant) => heldToEvents(grant, eventIds))
}

/** The part of a grant that lies in the events. What anybody may who signed in lies in none. */
function heldToEvents(grant: Grant, eventIds: readonly string[]): Grant[] {
  if (grant.role === 'VISITOR') return []
  if (grant.eventId === null) return eventIds.map((eventId) => ({ ...grant, eventId }))
  return eventIds.includes(grant.eventId) ? [grant] : []
}

/** The user who asks, or for whom the token acts that asks; null where there is none. */
export function userIdOf(viewer: Viewer): string | null {
  return viewer.kind === 'user' || viewer.kind === 'token' ? viewer.userId : null
}

/** How the history names the viewer; an anonymous one changes nothing. */
export function actorName(viewer: Viewer): string {
  switch (viewer.kind) {
    case 'token':
      return `token:${viewer.tokenId}`
    case 'user':
      return `user:${viewer.userId}`
    case 'anonymous':
    case 'operator':
      return viewer.kind
  }
}
