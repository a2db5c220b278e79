import { may, mayAnywhere, refusal, requireMay } from '../../access/may.ts'
import type { Viewer } from '../../access/viewer.ts'
import type { Context } from '../../context.ts'
import { modelNamed } from '../../compiled/data-model.ts'
import { badUserInput } from '../../errors.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import { isId } from '../../paging.ts'
import { pastRows, type PastRow, readPast } from '../history/history.ts'
import { rowOf } from '../history/history.rules.ts'
import type { SessionRow, SessionStanding } from '../rows.ts'
import { publicStates, visibleSessionsAnywhere } from './session.rules.ts'

/**
 * The session as it was at an instant, with its event, track, room, type and speakers as they were. Three statements.
 *
 * Who may not see the session now may not see its past. Who may sees what the permissions of now would have shown then:
 * no deleted session, no draft, to those who see no such ones.
 *
 * @returns null if there is none that the viewer may see so, or its history begins later
 * @throws UNAUTHENTICATED, FORBIDDEN. The lists of the event and of the speakers throw BAD_USER_INPUT when they are
 *   read: the past is told of one session, not of a whole programme.
 */
export async function sessionAsOf(ctx: Context, id: string, moment: Date): Promise<SessionRow | null> {
  if (!mayAnywhere(ctx.viewer, 'session:history')) throw refusal(ctx.viewer, 'session:history')
  const now = await standingOf(ctx, id)
  if (now === null) return null
  requireMay(ctx.viewer, 'session:history', now)
  const [past] = await readPast(ctx, [pastRows('session', [id], { moment })])
  if (past === undefined) return null
  const session = scalarsOf(past, Prisma.SessionScalarFieldEnum) as unknown as SessionRow
  const ids = (one: string | null) => (one === null ? [] : [one])
  const related = await readPast(ctx, [
    pastRows('event', [past.eventId], { moment }),
    pastRows('track', ids(session.trackId), { moment }),
    pastRows('room', ids(session.roomId), { moment }),
    pastRows('session_type', ids(session.sessionTypeId), { moment }),
    pastRows('speaker', session.speakerIds, { moment }),
  ])
  const one = (entity: PastRow['entity'], fields: Record<string, string>) => {
    const row = related.find((candidate) => candidate.entity === entity)
    return row === undefined ? null : scalarsOf(row, fields)
  }
  const eventThen = one('event', Prisma.EventScalarFieldEnum)
  if (!mightSee(ctx.viewer, now, { ...session, eventState: eventThen?.['state'] })) return null
  const event = withoutLists(eventThen ?? {}, eventLists)
  const withEvent = (row: Record<string, unknown> | null) =>
    row === null ? null : withoutLists({ ...row, event }, ['sessions', 'slots'])
  const speakers = session.speakerIds.flatMap((speakerId) =>
    related
      .filter((row) => row.entity === 'speaker' && row.id === speakerId)
      .map((row) => ({ speaker: withEvent(scalarsOf(row, Prisma.SpeakerScalarFieldEnum)) })),
  )
  // The history gives back the columns that it was given, under the names of the same Prisma models.
  return {
    ...session,
    now,
    event,
    track: withEvent(one('track', Prisma.TrackScalarFieldEnum)),
    room: withEvent(one('room', Prisma.RoomScalarFieldEnum)),
    sessionType: withEvent(one('session_type', Prisma.SessionTypeScalarFieldEnum)),
    speakers,
  } as unknown as SessionRow
}

/** How the session stands now; null if there is none that the viewer may see. */
async function standingOf(ctx: Context, id: string): Promise<SessionStanding | null> {
  if (!isId(id)) return null
  const seen = await ctx.db.session.findFirst({
    where: { id, AND: visibleSessionsAnywhere(ctx.viewer) },
    select: { eventId: true, trackId: true, state: true, deletedAt: true },
  })
  return seen ?? standingOfRemoved(ctx, id)
}

/** Of one whose row was removed, as SQL from outside can: it stands as it was last, deleted. */
async function standingOfRemoved({ db, viewer }: Context, id: string): Promise<SessionStanding | null> {
  const last = await db.revision.findFirst({
    where: { entity: 'SESSION', entityId: id },
    orderBy: { version: 'desc' },
    select: { eventId: true, before: true, recordedAt: true },
  })
  if (last === null || (await db.session.count({ where: { id } })) > 0) return null
  // The triggers write nothing but objects there.
  const values = rowOf(['trackId', 'state'], last.before as Record<string, unknown>)
  const { eventId, recordedAt: deletedAt } = last
  const standing = { ...(values as Pick<SessionStanding, 'trackId' | 'state'>), eventId, deletedAt }
  return may(viewer, 'session:read-deleted', standing) ? standing : null
}

/** Whether the viewer would have seen it with the permissions of now. */
function mightSee(
  viewer: Viewer,
  now: SessionStanding,
  then: Pick<SessionRow, 'state' | 'deletedAt'> & { readonly eventState: unknown },
): boolean {
  return (
    (then.deletedAt === null || may(viewer, 'session:read-deleted', now)) &&
    (publicStates.includes(then.state) || may(viewer, 'session:read', now)) &&
    (then.eventState === 'PUBLISHED' || may(viewer, 'event:read', now))
  )
}

/**
 * The session's columns at a version, by the names of the Prisma model.
 *
 * @returns null where the history holds no such version
 */
export async function sessionAtVersion(
  ctx: Context,
  id: string,
  version: number,
): Promise<SessionRow | null> {
  const [past] = await readPast(ctx, [pastRows('session', [id], { lastVersion: version })])
  if (past === undefined || past.version !== version) return null
  return scalarsOf(past, Prisma.SessionScalarFieldEnum) as unknown as SessionRow
}

const eventLists = Object.entries(modelNamed('Event').fields).flatMap(([name, { isList, ...field }]) =>
  isList && 'model' in field ? [name] : [],
)

function withoutLists(row: Record<string, unknown>, lists: readonly string[]): Record<string, unknown> {
  for (const list of lists) {
    Object.defineProperty(row, list, {
      get: () => {
        const message = `gives a session as it was, not the ${list} beyond it. Ask for those without asOf.`
        throw badUserInput([{ path: ['asOf'], message }])
      },
    })
  }
  return row
}

function scalarsOf(past: PastRow, fields: Readonly<Record<string, string>>): Record<string, unknown> {
  const { id, eventId, version, createdAt, lastModifiedAt } = past
  // What a column is where the revisions are older than it.
  const defaults = {
    speaker_ids: [],
    links: [],
    is_locked: false,
    is_speaker_list_locked: false,
    open_from: [],
    open_until: [],
    available_from: [],
    available_until: [],
    former_slugs: [],
    day_starts_at: '00:00',
  }
  return {
    ...rowOf(Object.values(fields), { ...defaults, ...past.values }),
    id,
    eventId,
    version,
    createdAt,
    lastModifiedAt,
  }
}
