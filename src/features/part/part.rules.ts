import { may } from '../../access/may.ts'
import type { Context } from '../../context.ts'
import { type InputIssue, noneInEvent } from '../../errors.ts'
import type { RevisedEntity } from '../../generated/prisma/client.ts'

/** The kinds of what a programme is put together from, apart from its sessions. */
export type PartEntity = Exclude<RevisedEntity, 'EVENT' | 'SESSION'>

/** Those whose deletion, or its undoing, frees or takes somebody's time. */
export const bookingsFollow: ReadonlySet<PartEntity> = new Set(['ROOM', 'SPEAKER', 'SESSION_TYPE'])

/** How a message calls one: 'session type'. */
export function nounOf(entity: PartEntity): string {
  return entity.toLowerCase().replace('_', ' ')
}

/** What is wrong with a new order of all parts of a kind. */
export function faultsOfOrder(
  noun: string,
  ids: readonly string[],
  stored: readonly { readonly id: string; readonly name: string }[],
): InputIssue[] {
  const known = new Set(stored.map(({ id }) => id))
  const named = new Set<string>()
  const wrong = ids.flatMap((given, index): InputIssue[] => {
    const id = given.toLowerCase()
    const isTwice = named.has(id)
    named.add(id)
    if (isTwice)
      return [{ path: ['ids', index], message: `names the ${noun} ${JSON.stringify(given)} twice.` }]
    if (known.has(id)) return []
    return [noneInEvent(['ids', index], noun, given)]
  })
  const missing = stored.filter(({ id }) => !named.has(id))
  return [
    ...wrong,
    ...missing.map(({ id, name }) => ({
      path: ['ids'],
      message: `leaves out the ${noun} ${JSON.stringify(name)} (${id}): name all of the event's, in their new order.`,
    })),
  ]
}

/** The field `sourceId` of a track, room or session type: what a file calls it is for the team that imports the file. */
export function sourceIdField(
  { sourceId, eventId }: { readonly sourceId: string | null; readonly eventId: string },
  _args: object,
  { viewer }: Context,
): string | null {
  return may(viewer, 'session:read', { eventId }) ? sourceId : null
}
