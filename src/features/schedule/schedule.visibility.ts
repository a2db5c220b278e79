import { may } from '../../access/may.ts'
import { userIdOf } from '../../access/viewer.ts'
import type { Context } from '../../context.ts'
import { ownSessions } from '../session/session.list.ts'
import { visibleSessionsAnywhere } from '../session/session.rules.ts'
import { visibleSpeakers } from '../speaker/speaker.list.ts'
import type { ConflictRow } from './schedule.conflicts.ts'

/**
 * What of these conflicts the viewer may know of. The team of an event all; a speaker what concerns their own sessions,
 * unless it would tell of a session or a speaker that they may not see, or when somebody else can be there. No statement
 * for the team, three for others.
 */
export async function visibleConflicts(ctx: Context, conflicts: ConflictRow[]): Promise<ConflictRow[]> {
  const { viewer, db } = ctx
  const userId = userIdOf(viewer)
  const isOpen = ({ eventId }: ConflictRow) =>
    open.every((permission) => may(viewer, permission, { eventId }))
  const others = conflicts.filter((conflict) => !isOpen(conflict))
  if (others.length === 0) return conflicts
  const sessionIds = [...new Set(others.flatMap((conflict) => conflict.sessionIds))]
  const own = await ownSessions(ctx, sessionIds)
  const sessions = await db.session.findMany({
    where: { id: { in: sessionIds }, AND: visibleSessionsAnywhere(viewer) },
    orderBy: { id: 'asc' },
    select: { id: true },
  })
  const speakers = await db.speaker.findMany({
    where: { id: { in: others.flatMap(({ speakerId }) => speakerId ?? []) }, AND: visibleSpeakers(viewer) },
    orderBy: { id: 'asc' },
    select: { id: true, userId: true },
  })
  const seenSessions = new Set(sessions.map(({ id }) => id))
  const seenSpeakers = new Map(speakers.map(({ id, userId }) => [id, userId]))
  return conflicts.filter((conflict) => {
    if (isOpen(conflict)) return true
    const { eventId, kind, speakerId } = conflict
    const isOwn = conflict.sessionIds.some((id) => own.has(id))
    const isSelf = (id: string) => userId !== null && seenSpeakers.get(id) === userId
    const isOfOthersTime =
      kind === 'SPEAKER_UNAVAILABLE' &&
      speakerId !== null &&
      !isSelf(speakerId) &&
      !may(viewer, 'speaker:read', { eventId })
    return (
      may(viewer, 'schedule:read', { eventId, isOwn }) &&
      conflict.sessionIds.every((id) => seenSessions.has(id)) &&
      (speakerId === null || seenSpeakers.has(speakerId)) &&
      !isOfOthersTime
    )
  })
}

/** Who has all these sees whatever a conflict tells of. */
const open = ['schedule:read', 'session:read', 'speaker:read'] as const
