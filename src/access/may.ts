import { forbidden, unauthenticated } from '../errors.ts'
import { type Extent, extentOf, type Permission } from './permissions.ts'
import { refusals } from './refusals.ts'
import { type Grant, userIdOf, type Viewer } from './viewer.ts'

/** How far one permission of one viewer goes. */
export interface Reach {
  readonly everywhere: boolean
  /** The events of which it reaches everything. */
  readonly eventIds: readonly string[]
  /** The tracks whose sessions it reaches. */
  readonly trackIds: readonly string[]
  /** The user whose own speakers, and their sessions, it reaches at the events below; null: nobody's. */
  readonly speakerOf: string | null
  readonly speaksAt: readonly string[]
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
  const grants = viewer.grants.map((grant) => ({ ...grant, extent: extentOfGrant(grant, permission) }))
  const all = grants.filter(({ extent }) => extent === 'all')
  const own = grants.filter(({ extent }) => extent === 'own')
  const speaksAt = own.flatMap(({ role, eventId }) => (role === 'SPEAKER' ? (eventId ?? []) : []))
  return {
    everywhere: all.some(({ eventId }) => eventId === null),
    eventIds: all.flatMap(({ eventId }) => eventId ?? []),
    trackIds: own.flatMap(({ trackIds }) => trackIds),
    speakerOf: speaksAt.length > 0 ? userIdOf(viewer) : null,
    speaksAt,
  }
}

/** How far the permission goes by one grant; undefined where it goes nowhere. */
function extentOfGrant({ role, atMost = null }: Grant, permission: Permission): Extent | undefined {
  const extent = extentOf(role, permission)
  if (atMost === null || extent === undefined) return extent
  const most = extentOf(atMost, permission)
  // What is somebody's own by one role isn't by another: a track organizer's tracks are no speaker's sessions.
  return most === 'all' || (most === 'own' && role === atMost) ? extent : undefined
}

export function may(viewer: Viewer, permission: Permission, target: Target): boolean {
  const { everywhere, eventIds, trackIds, speaksAt } = reachOf(viewer, permission)
  if (everywhere) return true
  const { eventId, trackId, isOwn = false } = target
  return (
    (eventId !== null && eventIds.includes(eventId)) ||
    (trackId != null && trackIds.includes(trackId)) ||
    (eventId !== null && speaksAt.includes(eventId) && isOwn)
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
  if (viewer.kind === 'anonymous') {
    return unauthenticated('This needs you to sign in, or a token: send "Authorization: Bearer TOKEN".')
  }
  if (viewer.heldTo !== null && !viewer.heldTo.has(permission)) {
    return forbidden(`This token is held to permissions without ${permission}. Use one that has it.`)
  }
  const narrowed = viewer.grants.find(({ role, atMost }) => atMost != null && extentOf(role, permission))
  if (narrowed !== undefined && extentOfGrant(narrowed, permission) === undefined) {
    return forbidden(
      `This token acts as ${narrowed.atMost} at most, who lacks ${permission}. Use one that has it.`,
    )
  }
  return forbidden(`${refusals[permission]} (This needs ${permission}.)`)
}

const nowhere: Reach = { everywhere: false, eventIds: [], trackIds: [], speakerOf: null, speaksAt: [] }
