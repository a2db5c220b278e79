import type { DatabaseTransaction } from '../../database/client.ts'
import { inSlices } from './report.ts'

export interface SpeakerList {
  readonly sessionId: string
  /** In the order in which the programme names them. */
  readonly speakerIds: readonly string[]
}

/**
 * Replaces the speaker lists that differ in whom they name or in which order; the others aren't touched, because a
 * touched list is a changed session.
 *
 * @returns the sessions whose lists were replaced
 */
export async function writeSpeakerLists(
  db: DatabaseTransaction,
  eventId: string,
  lists: readonly SpeakerList[],
): Promise<ReadonlySet<string>> {
  const stored = new Map<string, string[]>()
  const links = await db.sessionSpeaker.findMany({
    where: { eventId },
    orderBy: [{ sessionId: 'asc' }, { position: 'asc' }, { speakerId: 'asc' }],
  })
  for (const { sessionId, speakerId } of links) {
    const list = stored.get(sessionId)
    if (list === undefined) stored.set(sessionId, [speakerId])
    else list.push(speakerId)
  }

  const differing = lists.filter(
    ({ sessionId, speakerIds }) => !isSame(stored.get(sessionId) ?? [], speakerIds),
  )
  const emptied = differing.map(({ sessionId }) => sessionId).filter((sessionId) => stored.has(sessionId))
  if (emptied.length > 0)
    await db.sessionSpeaker.deleteMany({ where: { eventId, sessionId: { in: emptied } } })
  const rows = differing.flatMap(({ sessionId, speakerIds }) =>
    speakerIds.map((speakerId, position) => ({ eventId, sessionId, speakerId, position })),
  )
  for (const slice of inSlices(rows, 2000)) await db.sessionSpeaker.createMany({ data: slice })
  return new Set(differing.map(({ sessionId }) => sessionId))
}

function isSame(stored: readonly string[], wanted: readonly string[]): boolean {
  return stored.length === wanted.length && stored.every((speakerId, index) => speakerId === wanted[index])
}
