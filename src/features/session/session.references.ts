import { userIdOf } from '../../access/viewer.ts'
import type { Context } from '../../context.ts'
import { badUserInput, type InputIssue, noneInEvent } from '../../errors.ts'
import { isId } from '../../paging.ts'
import type { Values } from '../history/history.rules.ts'
import { visibleSpeakers } from '../speaker/speaker.list.ts'
import type { SessionValues } from './session.ts'

type References = Partial<Pick<SessionValues, 'trackId' | 'roomId' | 'sessionTypeId' | 'speakerIds'>>

/**
 * Every id must name something of the session's own event that isn't deleted, and that the viewer may see: naming it
 * would show it. The foreign keys refuse another event's rows as well; this says which id is wrong.
 *
 * @throws BAD_USER_INPUT that names every id that is wrong
 */
export async function requireSameEvent(
  ctx: Context,
  eventId: string,
  references: References,
  argument: string,
): Promise<void> {
  const { trackId, roomId, sessionTypeId, speakerIds = [] } = references
  const asked = [
    { kind: 'track', path: ['trackId'], id: trackId },
    { kind: 'room', path: ['roomId'], id: roomId },
    { kind: 'session type', path: ['sessionTypeId'], id: sessionTypeId },
    ...speakerIds.map((id, index) => ({ kind: 'speaker', path: ['speakerIds', index], id })),
  ].flatMap(({ kind, path, id }) =>
    id === null || id === undefined ? [] : [{ kind, path: [argument, ...path], id }],
  )
  if (asked.length === 0) return

  const found = await idsOfEvent(ctx, eventId, asked.map(({ id }) => id).filter(isId))
  const issues: InputIssue[] = asked
    .filter(({ kind, id }) => !found.has(`${kind} ${id.toLowerCase()}`))
    .map(({ kind, path, id }) => noneInEvent(path, kind, id))
  if (new Set(speakerIds.map((id) => id.toLowerCase())).size < speakerIds.length) {
    issues.push({ path: [argument, 'speakerIds'], message: 'names a speaker twice.' })
  }
  if (issues.length > 0) throw badUserInput(issues)
}

/** The values of a session, by the names of its columns, without the ids of what is deleted or not for the viewer's eyes. */
export async function withoutUnseen(ctx: Context, eventId: string, values: Values): Promise<Values> {
  const { trackId, roomId, sessionTypeId, speakerIds } = values
  const speakers = Array.isArray(speakerIds) ? speakerIds : []
  const named = [trackId, roomId, sessionTypeId, ...speakers].filter((id) => typeof id === 'string')
  const found = await idsOfEvent(ctx, eventId, named)
  const seen = (kind: string, id: unknown) => (found.has(`${kind} ${String(id)}`) ? id : null)
  return {
    ...values,
    trackId: seen('track', trackId),
    roomId: seen('room', roomId),
    sessionTypeId: seen('session type', sessionTypeId),
    speakerIds: speakers.filter((id) => seen('speaker', id) !== null),
  }
}

/** Whether the viewer is one of these speakers of the event. */
export async function namesViewer(
  { db, viewer }: Context,
  eventId: string,
  speakerIds: readonly string[],
): Promise<boolean> {
  const userId = userIdOf(viewer)
  if (userId === null || speakerIds.length === 0) return false
  const own = { eventId, userId, deletedAt: null, id: { in: speakerIds.filter(isId) } }
  return (await db.speaker.count({ where: own })) > 0
}

/** Which of the ids are the event's, each as 'track ID', 'room ID' ...: one statement for all kinds. */
async function idsOfEvent(
  { db, viewer }: Context,
  eventId: string,
  ids: readonly string[],
): Promise<Set<string>> {
  const of = { eventId, deletedAt: null, id: { in: [...ids] } }
  const event = await db.event.findUniqueOrThrow({
    where: { id: eventId },
    select: {
      tracks: { where: of, orderBy: { id: 'asc' }, select: { id: true } },
      rooms: { where: of, orderBy: { id: 'asc' }, select: { id: true } },
      sessionTypes: { where: of, orderBy: { id: 'asc' }, select: { id: true } },
      speakers: {
        where: { ...of, AND: visibleSpeakers(viewer) },
        orderBy: { id: 'asc' },
        select: { id: true },
      },
    },
  })
  const keys = (kind: string, rows: { id: string }[]) => rows.map(({ id }) => `${kind} ${id}`)
  return new Set([
    ...keys('track', event.tracks),
    ...keys('room', event.rooms),
    ...keys('session type', event.sessionTypes),
    ...keys('speaker', event.speakers),
  ])
}
