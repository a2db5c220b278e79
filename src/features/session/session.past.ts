import { may, mayAnywhere, refusal } from '../../access/may.ts'
import type { Context } from '../../context.ts'
import { badUserInput } from '../../errors.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import { isId } from '../../paging.ts'
import { pastRows, type PastRow, readPast } from '../history/history.ts'
import { rowOf } from '../history/history.rules.ts'
import type { SessionRow } from '../rows.ts'

/**
 * The session as it was at an instant, with its event, track, room, type and speakers as they were. Two statements, three
 * for a viewer who may not see deleted sessions.
 *
 * @returns null where there is none that the viewer may see so, or its history begins later
 * @throws UNAUTHENTICATED, FORBIDDEN. The lists of the event and of the speakers throw BAD_USER_INPUT when they are
 *   read: the past is told of one session, not of a whole programme.
 */
export async function sessionAsOf(ctx: Context, id: string, moment: Date): Promise<SessionRow | null> {
  if (!mayAnywhere(ctx.viewer, 'session:history')) throw refusal(ctx.viewer, 'session:history')
  if (!isId(id)) return null
  const [past] = await readPast(ctx, [pastRows('session', [id], { moment })])
  if (past === undefined) return null
  const session = scalarsOf(past, Prisma.SessionScalarFieldEnum) as unknown as SessionRow
  if (!may(ctx.viewer, 'session:history', session)) return null
  if (!may(ctx.viewer, 'session:read-deleted', session) && (await isDeleted(ctx, session))) return null
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
  const event = withoutLists(one('event', Prisma.EventScalarFieldEnum) ?? {}, eventLists)
  const withEvent = (row: Record<string, unknown> | null) =>
    row === null ? null : withoutLists({ ...row, event }, ['sessions'])
  const speakers = session.speakerIds.flatMap((speakerId) =>
    related
      .filter((row) => row.entity === 'speaker' && row.id === speakerId)
      .map((row) => ({ speaker: withEvent(scalarsOf(row, Prisma.SpeakerScalarFieldEnum)) })),
  )
  // The history gives back the columns that it was given, under the names of the same Prisma models.
  return {
    ...session,
    event,
    track: withEvent(one('track', Prisma.TrackScalarFieldEnum)),
    room: withEvent(one('room', Prisma.RoomScalarFieldEnum)),
    sessionType: one('session_type', Prisma.SessionTypeScalarFieldEnum),
    speakers,
  } as unknown as SessionRow
}

/** Whether it was deleted then or is now: to whom deleted sessions don't exist, their past doesn't either. */
async function isDeleted({ db }: Context, { id, deletedAt }: SessionRow): Promise<boolean> {
  return deletedAt !== null || (await db.session.count({ where: { id, deletedAt: null } })) === 0
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

const eventLists = ['tracks', 'rooms', 'sessionTypes', 'breaks', 'sessions', 'speakers']

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
    is_locked: false,
    is_speaker_list_locked: false,
    open_from: [],
    open_until: [],
    available_from: [],
    available_until: [],
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
