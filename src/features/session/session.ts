import { type Context, inTransaction } from '../../context.ts'
import { requireMay } from '../../access/may.ts'
import { checkAll, givenOnly, type Parsed, valid } from '../../input.ts'
import type { SessionLevel, SessionState } from '../../generated/prisma/client.ts'
import type { Link } from '../../links.ts'
import type { TextFormat } from '../../markup/format.ts'
import { isId } from '../../paging.ts'
import { asRow } from '../../selection/as-rows.ts'
import type { Select } from '../../selection/merge.ts'
import { dependsOnEventZone, type Moment } from '../../time/moment.ts'
import { requireNoDoubleBooking } from '../booking/booking.ts'
import { holdZone } from '../event/event.hold.ts'
import { requireVisibleEvent } from '../event/event.ts'
import type { ChangeFor } from '../history/history.conflict.ts'
import type { SessionRow } from '../rows.ts'
import { canceledById } from './canceled.list.ts'
import { holdSession, holdToChange, holdZoneOfSessions } from './session.hold.ts'
import { requireFirstState, requireTransition } from './session.lifecycle.ts'
import { namesViewer, requireSameEvent } from './session.references.ts'
import { visibleSessionsAnywhere } from './session.rules.ts'
import { minutesOfType, resolveTimes } from './session.times.ts'
import { columnsOf, permissionsFor, setSpeakers, writeValues } from './session.write.ts'

/** The values of a session that people edit. */
export interface SessionValues {
  readonly title: string
  readonly subtitle: string | null
  readonly abstract: string | null
  readonly description: string | null
  readonly textFormat: TextFormat
  readonly language: string | null
  readonly level: SessionLevel | null
  readonly state: SessionState
  readonly startsAt: Moment | null
  readonly endsAt: Moment | null
  readonly slidesUrl: string | null
  readonly videoUrl: string | null
  readonly audioUrl: string | null
  readonly signupUrl: string | null
  readonly imageUrl: string | null
  readonly links: readonly Link[]
  readonly trackId: string | null
  readonly roomId: string | null
  readonly sessionTypeId: string | null
  readonly speakerIds: readonly string[]
}

export type NewSession = Partial<SessionValues> & Pick<SessionValues, 'title'>

/** @returns of one that left the programme what the public still sees; null where there is none that the viewer may see */
export async function sessionById(ctx: Context, id: string, select: Select): Promise<SessionRow | null> {
  if (!isId(id)) return null
  const where = { id, AND: visibleSessionsAnywhere(ctx.viewer) }
  const found = await ctx.db.session.findFirst({ where, select })
  return found === null ? canceledById(ctx, id, select) : asRow(found)
}

/** @throws NOT_FOUND for the event; FORBIDDEN; BAD_USER_INPUT with all faults, also of times, references and the state */
export async function createSession(
  ctx: Context,
  eventSlug: string,
  { values, issues }: Parsed<NewSession>,
  select: Select,
): Promise<SessionRow> {
  return inTransaction(ctx, async (tx) => {
    const event = await requireVisibleEvent(tx, eventSlug)
    const { trackId = null, sessionTypeId = null, speakerIds = [], state = 'DRAFT' } = values
    const target = { eventId: event.id, trackId, isOwn: await namesViewer(tx, event.id, speakerIds) }
    requireMay(tx.viewer, 'session:create', target)
    if (isPlaced(values)) requireMay(tx.viewer, 'session:place', target)
    const timeZone = dependsOnEventZone(values) ? await holdZone(tx, event.id) : event.timeZone
    const typeMinutes = values.startsAt == null ? null : await minutesOfType(tx, event.id, sessionTypeId)
    const unplaced = { startsAt: null, endsAt: null, typeMinutes }
    const [times] = await checkAll(issues, [
      () => resolveTimes(values, unplaced, timeZone, 'input'),
      () => requireFirstState(tx.viewer, target, state, ['input', 'state']),
      () => requireSameEvent(tx, event.id, values, 'input'),
    ])
    const submittedAt = state === 'DRAFT' ? null : tx.clock()
    const data = { ...columnsOf(values), ...times, submittedAt, title: values.title, eventId: event.id }
    const { id } = await tx.db.session.create({ data, select: { id: true } })
    await setSpeakers(tx, event.id, id, speakerIds)
    if (isPlaced(values)) await requireNoDoubleBooking(tx, { sessionIds: [id] }, () => ['input'])
    return asRow(await tx.db.session.findUniqueOrThrow({ where: { id }, select }))
  })
}

/**
 * Writes the values that the patch names and leaves the others alone.
 *
 * @throws NOT_FOUND, FORBIDDEN, LOCKED, CONFLICT; BAD_USER_INPUT with all faults, also of times, references and the state
 */
export async function updateSession(
  ctx: Context,
  change: ChangeFor,
  patch: Parsed<Partial<SessionValues>>,
  select: Select,
): Promise<SessionRow> {
  const { id } = change
  return inTransaction(ctx, async (tx) => {
    if (dependsOnEventZone(patch.values)) await holdZoneOfSessions(tx, [id])
    const held = await holdToChange(tx, { ...change, sent: patch.values }, permissionsFor(patch.values))
    return writeValues(tx, held, patch, { place: ['patch'], select })
  })
}

/** Takes a session on in its life cycle. Throws as `updateSession`. */
export async function changeSessionState(
  ctx: Context,
  { id, expectedVersion }: ChangeFor,
  to: SessionState,
  select: Select,
): Promise<SessionRow> {
  return inTransaction(ctx, async (tx) => {
    const held = await holdToChange(tx, { id, expectedVersion }, [])
    requireTransition(tx.viewer, held, to, ['to'])
    return writeValues(tx, held, valid({ state: to }), { place: ['to'], select })
  })
}

/** What of a session is closed to its speakers; what is left out stays. */
export interface SessionLocks {
  readonly isLocked?: boolean | undefined
  readonly isSpeakerListLocked?: boolean | undefined
}

/** Throws as `updateSession`. */
export async function setSessionLocks(
  ctx: Context,
  { id, expectedVersion }: ChangeFor,
  locks: SessionLocks,
  select: Select,
): Promise<SessionRow> {
  return inTransaction(ctx, async (tx) => {
    await holdToChange(tx, { id, expectedVersion }, ['session:lock'])
    return asRow(await tx.db.session.update({ where: { id }, data: givenOnly(locks), select }))
  })
}

/** Soft delete. Throws as `updateSession`; a session that is deleted already is NOT_FOUND. */
export async function deleteSession(
  ctx: Context,
  id: string,
  expectedVersion: number | null,
  select: Select,
): Promise<SessionRow> {
  return inTransaction(ctx, async (tx) => {
    await holdToChange(tx, { id, expectedVersion }, ['session:delete'])
    return asRow(await tx.db.session.update({ where: { id }, data: { deletedAt: tx.clock() }, select }))
  })
}

/**
 * Undoes a soft delete; a session that isn't deleted stays as it is.
 *
 * @throws as `updateSession`; BAD_USER_INPUT where its place is taken meanwhile and the event refuses double bookings
 */
export async function restoreSession(
  ctx: Context,
  id: string,
  expectedVersion: number | null,
  select: Select,
): Promise<SessionRow> {
  return inTransaction(ctx, async (tx) => {
    const held = await holdSession(tx, { id, expectedVersion }, ['session:delete'])
    const restored = await tx.db.session.update({ where: { id }, data: { deletedAt: null }, select })
    if (held.conflictPolicy === 'REFUSE') {
      await requireNoDoubleBooking(tx, { sessionIds: [id] }, () => ['id'])
    }
    return asRow(restored)
  })
}

function isPlaced({ startsAt, endsAt, roomId }: Partial<SessionValues>): boolean {
  return [startsAt, endsAt, roomId].some((value) => value != null)
}
