import { requireMay } from '../../access/may.ts'
import type { Permission } from '../../access/permissions.ts'
import type { Context } from '../../context.ts'
import { checkAll, type Parsed } from '../../input.ts'
import { asRow } from '../../selection/as-rows.ts'
import type { Select } from '../../selection/merge.ts'
import { requireNoDoubleBooking } from '../booking/booking.ts'
import type { SessionRow } from '../rows.ts'
import { type HeldSession, requireUnlocked } from './session.hold.ts'
import { requireTransition } from './session.lifecycle.ts'
import { requireSameEvent } from './session.references.ts'
import { minutesOfType, resolveTimes } from './session.times.ts'
import type { SessionValues } from './session.ts'

/**
 * Writes values into a session that is held.
 *
 * @param place where the client named the values
 * @returns the session as the triggers left it
 * @throws LOCKED; FORBIDDEN for a track that isn't the viewer's and for a state that others may choose; BAD_USER_INPUT with
 *   all faults, and for a double booking where the event refuses those
 */
export async function writeValues(
  tx: Context,
  held: HeldSession,
  { values, issues }: Parsed<Partial<SessionValues>>,
  { place, select }: { readonly place: readonly string[]; readonly select: Select },
): Promise<SessionRow> {
  const { id, eventId, timeZone, submittedAt, conflictPolicy } = held
  const { state, trackId, ...content } = values
  requireUnlocked(tx, held, content)
  if (trackId !== undefined && trackId !== held.trackId) {
    requireMay(tx.viewer, 'session:place', { ...held, trackId })
  }
  const argument = place[0] ?? ''
  const { sessionTypeId } = values
  const typeMinutes =
    sessionTypeId === undefined || values.startsAt === undefined
      ? held.typeMinutes
      : await minutesOfType(tx, eventId, sessionTypeId)
  const [times] = await checkAll(issues, [
    () => resolveTimes(values, { ...held, typeMinutes }, timeZone, argument),
    () => state !== undefined && requireTransition(tx.viewer, held, state, [...place, 'state']),
    () => requireSameEvent(tx, eventId, values, argument),
  ])
  const isHandedIn = state !== undefined && state !== 'DRAFT' && submittedAt === null
  const data = { ...columnsOf(values), ...times, ...(isHandedIn ? { submittedAt: tx.clock() } : {}) }
  if (values.speakerIds !== undefined) await setSpeakers(tx, eventId, id, values.speakerIds)
  const written = await tx.db.session.update({ where: { id }, data, select })
  if (conflictPolicy === 'REFUSE') await requireNoDoubleBooking(tx, { sessionIds: [id] }, () => place)
  return asRow(written)
}

/** What a change of these values needs; the state goes by its life cycle. */
export function permissionsFor(patch: Partial<SessionValues>): Permission[] {
  const { state, startsAt, endsAt, roomId, trackId, ...content } = patch
  const places = [startsAt, endsAt, roomId, trackId].some((value) => value !== undefined)
  const edits = Object.keys(content).length > 0 || (!places && state === undefined)
  return [...(places ? ['session:place' as const] : []), ...(edits ? ['session:update' as const] : [])]
}

/** The columns that the values name, without the times, which need the event's zone, and the speakers. */
export function columnsOf(values: Partial<SessionValues>) {
  const { startsAt: _startsAt, endsAt: _endsAt, speakerIds: _speakerIds, ...columns } = values
  return columns
}

/** Writes only what differs: a list that is saved as it was is no change. */
export async function setSpeakers(
  { db }: Context,
  eventId: string,
  sessionId: string,
  speakerIds: readonly string[],
): Promise<void> {
  const stored = await db.sessionSpeaker.findMany({ where: { sessionId }, orderBy: { position: 'asc' } })
  const unchanged =
    stored.length === speakerIds.length && stored.every(({ speakerId }, at) => speakerId === speakerIds[at])
  if (unchanged) return
  await db.sessionSpeaker.deleteMany({ where: { sessionId } })
  await db.sessionSpeaker.createMany({
    data: speakerIds.map((speakerId, position) => ({ eventId, sessionId, speakerId, position })),
  })
}
