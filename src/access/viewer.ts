import type { EventRole } from '../generated/prisma/client.ts'
import type { Permission, Role } from './permissions.ts'

/** What a viewer is at an event, or everywhere. */
export interface Grant {
  readonly role: Role
  /** null: at every event, and where no event is concerned. */
  readonly eventId: string | null
  /** The tracks of a track organizer. */
  readonly trackIds: readonly string[]
}

interface Granted {
  readonly grants: readonly Grant[]
  /** What of the grants counts; null: all of it. */
  readonly heldTo: ReadonlySet<Permission> | null
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
    | { readonly kind: 'token'; readonly tokenId: string; readonly label: string }
    /** Whoever runs our commands beside the server. */
    | { readonly kind: 'operator' }
  )

const everywhere = (role: Role): Grant => ({ role, eventId: null, trackIds: [] })

export const anonymous: Viewer = { kind: 'anonymous', grants: [everywhere('ANONYMOUS')], heldTo: null }

export const operator: Viewer = { kind: 'operator', grants: [everywhere('ADMIN')], heldTo: null }

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

export function userViewer({ id, name, email, isAdmin, memberships, speaksAt }: KnownUser): Viewer {
  return {
    kind: 'user',
    userId: id,
    name,
    email,
    heldTo: null,
    grants: [
      everywhere('VISITOR'),
      ...(isAdmin ? [everywhere('ADMIN')] : []),
      ...memberships,
      ...speaksAt.map((eventId): Grant => ({ role: 'SPEAKER', eventId, trackIds: [] })),
    ],
  }
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
