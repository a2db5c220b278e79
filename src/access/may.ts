import { forbidden, unauthenticated } from '../errors.ts'
import { extentOf, type Permission, permissions } from './permissions.ts'
import type { Viewer } from './viewer.ts'

/** How far one permission of one viewer goes. */
export interface Reach {
  readonly everywhere: boolean
  /** The events of which it reaches everything. */
  readonly eventIds: readonly string[]
  /** The tracks whose sessions it reaches. */
  readonly trackIds: readonly string[]
  /** The user whose own speakers, and their sessions, it reaches. */
  readonly speakerOf: string | null
}

/** What a permission is asked for: where it lies, and whose it is. */
export interface Target {
  /** null: nothing of an event. */
  readonly eventId: string | null
  /** Of a session: the track that it is in, or is to be in. */
  readonly trackId?: string | null
  /** Of a session or a speaker: whether the viewer is its speaker. */
  readonly isOwn?: boolean
}

export function reachOf(viewer: Viewer, permission: Permission): Reach {
  if (viewer.heldTo !== null && !viewer.heldTo.has(permission)) return nowhere
  const grants = viewer.grants.map((grant) => ({ ...grant, extent: extentOf(grant.role, permission) }))
  const all = grants.filter(({ extent }) => extent === 'all')
  const own = grants.filter(({ extent }) => extent === 'own')
  return {
    everywhere: all.some(({ eventId }) => eventId === null),
    eventIds: all.flatMap(({ eventId }) => eventId ?? []),
    trackIds: own.flatMap(({ trackIds }) => trackIds),
    speakerOf: viewer.kind === 'user' && own.some(({ role }) => role === 'SPEAKER') ? viewer.userId : null,
  }
}

export function may(viewer: Viewer, permission: Permission, target: Target): boolean {
  const { everywhere, eventIds, trackIds, speakerOf } = reachOf(viewer, permission)
  if (everywhere) return true
  const { eventId, trackId, isOwn = false } = target
  return (
    (eventId !== null && eventIds.includes(eventId)) ||
    (trackId != null && trackIds.includes(trackId)) ||
    (speakerOf !== null && isOwn)
  )
}

/** Whether there is anything at all that the permission reaches. */
export function mayAnywhere(viewer: Viewer, permission: Permission): boolean {
  const { everywhere, eventIds, trackIds, speakerOf } = reachOf(viewer, permission)
  return everywhere || eventIds.length > 0 || trackIds.length > 0 || speakerOf !== null
}

/** @throws UNAUTHENTICATED for an anonymous viewer, FORBIDDEN for another who may not */
export function requireMay(viewer: Viewer, permission: Permission, target: Target): void {
  if (!may(viewer, permission, target)) throw refusal(viewer, permission)
}

/** For what is done by commands only. @throws FORBIDDEN */
export function requireOperator(viewer: Viewer): void {
  if (viewer.kind !== 'operator') throw forbidden('Only a command of the operator does this.')
}

/** Why the viewer may not; for those who may see what they asked for. */
export function refusal(viewer: Viewer, permission: Permission) {
  return viewer.kind === 'anonymous'
    ? unauthenticated('This needs you to sign in, or a token: send "Authorization: Bearer TOKEN".')
    : forbidden(`You may not ${permissions[permission].means} here: that needs ${permission}.`)
}

const nowhere: Reach = { everywhere: false, eventIds: [], trackIds: [], speakerOf: null }
