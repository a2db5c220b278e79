import { may, refusal } from '../../access/may.ts'
import type { Permission } from '../../access/permissions.ts'
import { userIdOf } from '../../access/viewer.ts'
import type { Context } from '../../context.ts'
import { locked, notFound } from '../../errors.ts'
import type { ConflictPolicy, SessionState } from '../../generated/prisma/client.ts'
import { isId } from '../../paging.ts'
import { type ChangeFor, requireVersion, type ConflictSight } from '../history/history.conflict.ts'
import { withoutUnseen } from './session.references.ts'
import { visibleSessionsAnywhere } from './session.rules.ts'

/** A session that nobody else changes before the transaction ends. */
export interface HeldSession {
  readonly id: string
  readonly eventId: string
  readonly timeZone: string
  readonly conflictPolicy: ConflictPolicy
  readonly version: number
  readonly lastModifiedAt: Date
  readonly deletedAt: Date | null
  readonly state: SessionState
  readonly startsAt: Date | null
  readonly endsAt: Date | null
  readonly submittedAt: Date | null
  readonly roomId: string | null
  readonly trackId: string | null
  readonly isLocked: boolean
  readonly isSpeakerListLocked: boolean
  /** How long its type says that it is; null where it doesn't, or there is none. */
  readonly typeMinutes: number | null
  /** Whether the viewer is one of its speakers. */
  readonly isOwn: boolean
}

/**
 * Holds a session for a change that needs the permissions; without any, for one that is looked at later.
 *
 * @throws NOT_FOUND where the viewer may not see it, or it is deleted (restore it first); FORBIDDEN, CONFLICT
 */
export async function holdToChange(
  tx: Context,
  change: ChangeFor,
  needed: readonly Permission[],
): Promise<HeldSession> {
  const held = await holdSession(tx, change, needed)
  if (held.deletedAt !== null) throw notFound('session', change.id)
  return held
}

/** The same for one that may be deleted. */
export async function holdSession(
  tx: Context,
  change: ChangeFor,
  needed: readonly Permission[],
): Promise<HeldSession> {
  const { id } = change
  const [held] = await lockSessions(tx, [id].filter(isId))
  if (held === undefined || !seesDeletion(tx, held)) throw notFound('session', id)
  if (needed.length === 0 && !readsAll(tx, held)) await requireSeen(tx, held)
  for (const permission of needed) await requireMayChange(tx, held, permission)
  await requireVersion(tx, 'SESSION', held, { change, sight: sightOf(tx, held) })
  return held
}

/** How far the viewer reads the values of the session: what is deleted of what it names isn't named to those who see none. */
export function sightOf(tx: Context, held: HeldSession): ConflictSight {
  return {
    readsHistory: may(tx.viewer, 'session:history', held),
    show: async (values) =>
      readsAll(tx, held) || (await isSeen(tx, held)) ? withoutUnseen(tx, held.eventId, values) : null,
  }
}

/** @throws NOT_FOUND where the viewer may not even see the session, else FORBIDDEN */
async function requireMayChange(tx: Context, held: HeldSession, permission: Permission): Promise<void> {
  if (may(tx.viewer, permission, held)) return
  await requireSeen(tx, held)
  throw refusal(tx.viewer, permission)
}

/** Whether a deleted session is there for the viewer at all; a conflict would tell that it is, and of its texts. */
export function seesDeletion({ viewer }: Context, held: HeldSession): boolean {
  if (held.deletedAt === null) return true
  return may(viewer, 'session:read-deleted', held) || may(viewer, 'session:delete', held)
}

/** Whether the viewer sees the session by a permission, so that nothing has to be looked up. */
function readsAll({ viewer }: Context, held: HeldSession): boolean {
  return may(viewer, 'event:read', held) && may(viewer, 'session:read', held)
}

/** @throws NOT_FOUND where the viewer may not see the session */
async function requireSeen(tx: Context, held: HeldSession): Promise<void> {
  if (!(await isSeen(tx, held))) throw notFound('session', held.id)
}

async function isSeen({ db, viewer }: Context, { id }: HeldSession): Promise<boolean> {
  return (await db.session.count({ where: { id, AND: visibleSessionsAnywhere(viewer) } })) > 0
}

/** A lock keeps out who may change the session only as its speaker. @throws LOCKED */
export function requireUnlocked(
  { viewer }: Context,
  held: HeldSession,
  values: { readonly speakerIds?: unknown },
): void {
  if (may(viewer, 'session:update', { ...held, isOwn: false })) return
  const { speakerIds, ...content } = values
  const changesContent = Object.keys(content).length > 0
  if (held.isLocked && changesContent) {
    throw locked('The organizers have closed this session to changes by its speakers. Ask them to unlock it.')
  }
  if (held.isSpeakerListLocked && speakerIds !== undefined) {
    throw locked("The organizers have closed this session's speaker list. Ask them to unlock it.")
  }
}

/** Holds the zone of the sessions' event, as `holdZone`; nothing where there are no such sessions. */
export async function holdZoneOfSessions({ db }: Context, ids: readonly string[]): Promise<void> {
  await db.$queryRaw`
    SELECT e.time_zone FROM events e
    WHERE e.id IN (SELECT event_id FROM sessions WHERE id = ANY (${ids.filter(isId)}::uuid[]))
    ORDER BY e.id FOR SHARE`
}

/** Locks sessions by id, so that two who lock the same ones don't wait for each other. */
export async function lockSessions({ db, viewer }: Context, ids: readonly string[]): Promise<HeldSession[]> {
  if (ids.length === 0) return []
  const userId = userIdOf(viewer)
  // The schedule is held first, in the same statement: rows are locked when the rest of it is done. What is asked for
  // stands in a query of its own, so that PostgreSQL doesn't plan anew each time.
  return db.$queryRaw<HeldSession[]>`
    WITH asked AS MATERIALIZED (SELECT ${[...ids]}::uuid[] AS ids, ${userId}::uuid AS user_id),
    schedules AS MATERIALIZED (
      SELECT event_id, hold_schedule(event_id) AS policy
      FROM (SELECT DISTINCT event_id FROM sessions WHERE id = ANY ((SELECT ids FROM asked)::uuid[]) ORDER BY event_id) e
    )
    SELECT s.id, s.event_id AS "eventId", e.time_zone AS "timeZone", upper(h.policy::text) AS "conflictPolicy",
           s.version, s.last_modified_at AS "lastModifiedAt", s.deleted_at AS "deletedAt", upper(s.state::text) AS state,
           s.starts_at AS "startsAt", s.ends_at AS "endsAt", s.submitted_at AS "submittedAt", s.room_id AS "roomId",
           s.track_id AS "trackId", s.is_locked AS "isLocked", s.is_speaker_list_locked AS "isSpeakerListLocked",
           t.duration_minutes AS "typeMinutes",
           EXISTS (SELECT FROM speakers p WHERE p.user_id = (SELECT user_id FROM asked) AND p.event_id = s.event_id
                     AND p.deleted_at IS NULL AND p.id = ANY (s.speaker_ids)) AS "isOwn"
    FROM schedules h JOIN sessions s ON s.event_id = h.event_id JOIN events e ON e.id = s.event_id
    LEFT JOIN session_types t ON t.id = s.session_type_id AND t.deleted_at IS NULL
    WHERE s.id = ANY ((SELECT ids FROM asked)::uuid[]) AND e.deleted_at IS NULL
    ORDER BY s.id FOR UPDATE OF s`
}
