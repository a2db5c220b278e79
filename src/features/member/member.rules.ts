import { reachOf } from '../../access/may.ts'
import type { Viewer } from '../../access/viewer.ts'
import type { Context } from '../../context.ts'
import { badUserInput, type InputIssue, noneInEvent } from '../../errors.ts'
import type { EventRole, Prisma } from '../../generated/prisma/client.ts'
import { maxListed } from '../../input.ts'
import { isId } from '../../paging.ts'

/** What somebody can be made at an event: not its owner, who takes over, and not a speaker, who is named by one. */
export type MemberRole = Exclude<EventRole, 'OWNER' | 'SPEAKER'>

/** A role with what it needs. */
export interface MemberPosition {
  readonly role: MemberRole
  /** Of a track organizer, at least one; of others none. */
  readonly trackIds: readonly string[]
}

/** The members of all events that the viewer may see. */
export function visibleMembers(viewer: Viewer): Prisma.MembershipWhereInput {
  const { everywhere, eventIds } = reachOf(viewer, 'member:read')
  return { event: { deletedAt: null }, ...(everywhere ? {} : { eventId: { in: [...eventIds] } }) }
}

/**
 * Who runs tracks has tracks of the event, each once; nobody else has any.
 *
 * @param argument the path of the GraphQL argument or input that names them
 * @throws BAD_USER_INPUT
 */
export async function requirePosition(
  { db }: Context,
  eventId: string,
  { role, trackIds }: MemberPosition,
  argument: readonly string[],
): Promise<void> {
  const path = [...argument, 'trackIds']
  if (role !== 'TRACK_ORGANIZER') {
    if (trackIds.length === 0) return
    throw badUserInput([{ path, message: `goes with TRACK_ORGANIZER: a ${role} has no tracks.` }])
  }
  if (trackIds.length === 0) {
    throw badUserInput([{ path, message: 'names the tracks that the TRACK_ORGANIZER runs, at least one.' }])
  }
  if (trackIds.length > maxListed) {
    throw badUserInput([{ path, message: `must list ${maxListed} at most.` }])
  }
  const where = { eventId, deletedAt: null, id: { in: trackIds.filter(isId) } }
  const found = await db.track.findMany({ where, orderBy: { id: 'asc' }, select: { id: true } })
  const ids = trackIds.map((id) => id.toLowerCase())
  const issues = trackIds.flatMap((given, index): InputIssue[] => {
    const id = ids[index]!
    if (ids.indexOf(id) < index) return [{ path: [...path, index], message: 'names a track twice.' }]
    if (found.some((track) => track.id === id)) return []
    return [noneInEvent([...path, index], 'track', given)]
  })
  if (issues.length > 0) throw badUserInput(issues)
}
