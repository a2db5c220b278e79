import { type Context, inTransaction } from '../../context.ts'
import { badUserInput, notFound } from '../../errors.ts'
import type { SessionLevel, SessionState } from '../../generated/prisma/client.ts'
import { isId } from '../../paging.ts'
import type { Select } from '../../selection/merge.ts'
import { visibleEvents } from '../event/event.rules.ts'
import { requireVersion } from '../history/history.ts'
import { requireSameEvent } from './session.references.ts'
import { visibleSessionsAnywhere } from './session.rules.ts'
import { sessionAtVersion } from './session.past.ts'
import type { SessionRow } from './session.selection.ts'
import { dependsOnEventZone, type Moment, resolveTimes } from './session.times.ts'

/** The values of a session that people edit. */
export interface SessionValues {
  readonly title: string
  readonly subtitle: string | null
  readonly abstract: string | null
  readonly description: string | null
  readonly language: string | null
  readonly level: SessionLevel | null
  readonly state: SessionState
  readonly startsAt: Moment | null
  readonly endsAt: Moment | null
  readonly slidesUrl: string | null
  readonly videoUrl: string | null
  readonly audioUrl: string | null
  readonly signupUrl: string | null
  readonly trackId: string | null
  readonly roomId: string | null
  readonly sessionTypeId: string | null
  readonly speakerIds: readonly string[]
}

export type NewSession = Partial<SessionValues> & Pick<SessionValues, 'title'>

/** @returns null where there is no such session that the viewer may see */
export async function sessionById(ctx: Context, id: string, select: Select): Promise<SessionRow | null> {
  if (!isId(id)) return null
  const where = { id, AND: visibleSessionsAnywhere(ctx.viewer) }
  return (await ctx.db.session.findFirst({ where, select })) as SessionRow | null
}

/** @throws NOT_FOUND for the event; BAD_USER_INPUT for times and references */
export async function createSession(
  ctx: Context,
  eventSlug: string,
  values: NewSession,
  select: Select,
): Promise<SessionRow> {
  return inTransaction(ctx, async (tx) => {
    const event = await tx.db.event.findFirst({
      where: { slug: eventSlug, AND: visibleEvents(tx.viewer) },
      select: { id: true, timeZone: true },
    })
    if (event === null) throw notFound('event', eventSlug)
    const timeZone = dependsOnEventZone(values) ? await holdZone(tx, event.id) : event.timeZone
    const times = resolveTimes(values, { startsAt: null, endsAt: null }, timeZone, 'input')
    await requireSameEvent(tx, event.id, values, 'input')
    const data = { ...columnsOf(values), ...times, title: values.title, eventId: event.id }
    const { id } = await tx.db.session.create({ data, select: { id: true } })
    await setSpeakers(tx, event.id, id, values.speakerIds ?? [])
    return readBack(tx, id, select)
  })
}

/**
 * Writes the values that the patch names and leaves the others alone.
 *
 * @param expectedVersion null: whatever the version is
 * @throws NOT_FOUND, CONFLICT; BAD_USER_INPUT for times and references
 */
export async function updateSession(
  ctx: Context,
  id: string,
  expectedVersion: number | null,
  patch: Partial<SessionValues>,
  select: Select,
): Promise<SessionRow> {
  return inTransaction(ctx, async (tx) => {
    if (dependsOnEventZone(patch) && isId(id)) await holdZoneOfSession(tx, id)
    const stored = await lockToChange(tx, id, expectedVersion)
    await writeValues(tx, stored, patch, 'patch')
    return readBack(tx, id, select)
  })
}

/**
 * Writes the values that people edit as they were at an earlier version, as a new version, by the rules of any update.
 *
 * @throws as `updateSession`; BAD_USER_INPUT where the history has no such version, or names what was deleted since
 */
export async function revertSession(
  ctx: Context,
  id: string,
  expectedVersion: number | null,
  toVersion: number,
  select: Select,
): Promise<SessionRow> {
  return inTransaction(ctx, async (tx) => {
    const stored = await lockToChange(tx, id, expectedVersion)
    const past = await sessionAtVersion(tx, id, toVersion)
    if (past === null) {
      const message = `The history has no version ${toVersion} of this session.`
      throw badUserInput([{ path: ['toVersion'], message }])
    }
    await writeValues(tx, stored, editableValues(past), 'toVersion')
    return readBack(tx, id, select)
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
    await lockToChange(tx, id, expectedVersion)
    await tx.db.session.update({ where: { id }, data: { deletedAt: tx.clock() }, select: { id: true } })
    return readBack(tx, id, select)
  })
}

/** Undoes a soft delete; a session that isn't deleted stays as it is. Throws as `updateSession`. */
export async function restoreSession(
  ctx: Context,
  id: string,
  expectedVersion: number | null,
  select: Select,
): Promise<SessionRow> {
  return inTransaction(ctx, async (tx) => {
    await requireVersion(tx, 'SESSION', await lockSession(tx, id), expectedVersion)
    await tx.db.session.update({ where: { id }, data: { deletedAt: null }, select: { id: true } })
    return readBack(tx, id, select)
  })
}

function editableValues(session: SessionRow): SessionValues {
  const { title, subtitle, abstract, description, language, level, state, startsAt, endsAt } = session
  const { slidesUrl, videoUrl, audioUrl, signupUrl, trackId, roomId, sessionTypeId, speakerIds } = session
  const texts = { title, subtitle, abstract, description, language, level, state }
  const links = { slidesUrl, videoUrl, audioUrl, signupUrl, trackId, roomId, sessionTypeId, speakerIds }
  return { ...texts, ...links, startsAt, endsAt }
}

interface StoredSession {
  readonly id: string
  readonly eventId: string
  readonly timeZone: string
  readonly version: number
  readonly lastModifiedAt: Date
  readonly deletedAt: Date | null
  readonly startsAt: Date | null
  readonly endsAt: Date | null
}

/** Holds the row until the transaction ends, so that nobody changes it between the check and the write. */
async function lockSession({ db }: Context, id: string): Promise<StoredSession> {
  const rows = isId(id)
    ? await db.$queryRaw<StoredSession[]>`
        SELECT s.id, s.event_id AS "eventId", e.time_zone AS "timeZone", s.version, s.last_modified_at AS "lastModifiedAt",
               s.deleted_at AS "deletedAt", s.starts_at AS "startsAt", s.ends_at AS "endsAt"
        FROM sessions s JOIN events e ON e.id = s.event_id
        WHERE s.id = ${id}::uuid AND e.deleted_at IS NULL FOR UPDATE OF s`
    : []
  if (rows[0] === undefined) throw notFound('session', id)
  return rows[0]
}

/** The event's zone, which nobody changes before the transaction ends. The event is always locked before its sessions. */
async function holdZone({ db }: Context, eventId: string): Promise<string> {
  const rows = await db.$queryRaw<{ timeZone: string }[]>`
    SELECT time_zone AS "timeZone" FROM events WHERE id = ${eventId}::uuid FOR SHARE`
  if (rows[0] === undefined) throw notFound('event', eventId)
  return rows[0].timeZone
}

async function holdZoneOfSession({ db }: Context, id: string): Promise<void> {
  await db.$queryRaw`
    SELECT e.time_zone FROM events e WHERE e.id = (SELECT event_id FROM sessions WHERE id = ${id}::uuid) FOR SHARE`
}

/** A deleted session is restored before it is changed. @throws NOT_FOUND, CONFLICT */
async function lockToChange(tx: Context, id: string, expectedVersion: number | null): Promise<StoredSession> {
  const stored = await lockSession(tx, id)
  if (stored.deletedAt !== null) throw notFound('session', id)
  await requireVersion(tx, 'SESSION', stored, expectedVersion)
  return stored
}

/**
 * @param argument where the client named the values
 * @throws BAD_USER_INPUT for times and references
 */
async function writeValues(
  tx: Context,
  stored: StoredSession,
  values: Partial<SessionValues>,
  argument: string,
): Promise<void> {
  const { id, eventId, timeZone } = stored
  const times = resolveTimes(values, stored, timeZone, argument)
  await requireSameEvent(tx, eventId, values, argument)
  await tx.db.session.update({
    where: { id },
    data: { ...columnsOf(values), ...times },
    select: { id: true },
  })
  if (values.speakerIds !== undefined) await setSpeakers(tx, eventId, id, values.speakerIds)
}

/** The columns that the values name, without the times, which need the event's zone, and the speakers. */
function columnsOf(values: Partial<SessionValues>) {
  const { startsAt: _startsAt, endsAt: _endsAt, speakerIds: _speakerIds, ...columns } = values
  return columns
}

/** Writes only what differs: a list that is saved as it was is no change. */
async function setSpeakers(
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

/** The session as the triggers left it. */
async function readBack({ db }: Context, id: string, select: Select): Promise<SessionRow> {
  // Prisma can't type a `select` that is only known at run time; the plans and their test answer for it.
  return (await db.session.findUniqueOrThrow({ where: { id }, select })) as object as SessionRow
}
