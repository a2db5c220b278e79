import { may, refusal } from '../../access/may.ts'
import type { Permission } from '../../access/permissions.ts'
import { userIdOf } from '../../access/viewer.ts'
import type { Context } from '../../context.ts'
import { locked, notFound } from '../../errors.ts'
import type { SessionState } from '../../generated/prisma/client.ts'
import { isId } from '../../paging.ts'
import { requireVersion } from '../history/history.ts'
import { visibleSessionsAnywhere } from './session.rules.ts'

/** A session that nobody else changes before the transaction ends. */
export interface HeldSession {
  readonly id: string
  readonly eventId: string
  readonly timeZone: string
  readonly version: number
  readonly lastModifiedAt: Date
  readonly deletedAt: Date | null
  readonly state: SessionState
  readonly startsAt: Date | null
  readonly endsAt: Date | null
  readonly submittedAt: Date | null
  readonly trackId: string | null
  readonly isLocked: boolean
  readonly isSpeakerListLocked: boolean
  /** Whether the viewer is one of its speakers. */
  readonly isOwn: boolean
}

/**
 * Holds a session for a change that needs the permissions; without any, for one that is looked at later.
 *
 * @param expectedVersion null: whatever the version is
 * @throws NOT_FOUND where the viewer may not see it, or it is deleted (restore it first); FORBIDDEN, CONFLICT
 */
export async function holdToChange(
  tx: Context,
  id: string,
  expectedVersion: number | null,
  needed: readonly Permission[],
): Promise<HeldSession> {
  const held = await holdSession(tx, id, expectedVersion, needed)
  if (held.deletedAt !== null) throw notFound('session', id)
  return held
}

/** The same for one that may be deleted. */
export async function holdSession(
  tx: Context,
  id: string,
  expectedVersion: number | null,
  needed: readonly Permission[],
): Promise<HeldSession> {
  const held = await lock(tx, id)
  if (needed.length === 0) await requireSeen(tx, held)
  for (const permission of needed) await requireMayChange(tx, held, permission)
  await requireVersion(tx, 'SESSION', held, expectedVersion)
  return held
}

/** @throws NOT_FOUND where the viewer may not even see the session, else FORBIDDEN */
export async function requireMayChange(
  tx: Context,
  held: HeldSession,
  permission: Permission,
): Promise<void> {
  if (may(tx.viewer, permission, held)) return
  await requireSeen(tx, held)
  throw refusal(tx.viewer, permission)
}

/** @throws NOT_FOUND where the viewer may not see the session */
async function requireSeen({ db, viewer }: Context, { id }: HeldSession): Promise<void> {
  const seen = await db.session.count({ where: { id, AND: visibleSessionsAnywhere(viewer) } })
  if (seen === 0) throw notFound('session', id)
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

/** The event's zone, which nobody changes before the transaction ends. An event is always held before its sessions. */
export async function holdZone({ db }: Context, eventId: string): Promise<string> {
  const rows = await db.$queryRaw<{ timeZone: string }[]>`
    SELECT time_zone AS "timeZone" FROM events WHERE id = ${eventId}::uuid FOR SHARE`
  if (rows[0] === undefined) throw notFound('event', eventId)
  return rows[0].timeZone
}

/** The same for the event of a session; nothing where there is no such session. */
export async function holdZoneOfSession({ db }: Context, id: string): Promise<void> {
  if (!isId(id)) return
  await db.$queryRaw`
    SELECT e.time_zone FROM events e WHERE e.id = (SELECT event_id FROM sessions WHERE id = ${id}::uuid) FOR SHARE`
}

async function lock({ db, viewer }: Context, id: string): Promise<HeldSession> {
  const userId = userIdOf(viewer)
  const rows = isId(id)
    ? await db.$queryRaw<HeldSession[]>`
        SELECT s.id, s.event_id AS "eventId", e.time_zone AS "timeZone", s.version,
               s.last_modified_at AS "lastModifiedAt", s.deleted_at AS "deletedAt", upper(s.state::text) AS state,
               s.starts_at AS "startsAt", s.ends_at AS "endsAt", s.submitted_at AS "submittedAt",
               s.track_id AS "trackId", s.is_locked AS "isLocked", s.is_speaker_list_locked AS "isSpeakerListLocked",
               EXISTS (SELECT FROM speakers p WHERE p.user_id = ${userId}::uuid AND p.event_id = s.event_id
                         AND p.deleted_at IS NULL AND p.id = ANY (s.speaker_ids)) AS "isOwn"
        FROM sessions s JOIN events e ON e.id = s.event_id
        WHERE s.id = ${id}::uuid AND e.deleted_at IS NULL FOR UPDATE OF s`
    : []
  if (rows[0] === undefined) throw notFound('session', id)
  return rows[0]
}
