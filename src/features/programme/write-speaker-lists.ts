import type { DatabaseTransaction } from '../../database/client.ts'
import { inSlices } from './report.ts'

export interface SpeakersOfSession {
  readonly sessionId: string
  /** In the order in which the programme names them. */
  readonly speakerIds: readonly string[]
}

/** Replaces speaker lists. Only for those that differ: a touched list is a changed session. */
export async function writeSpeakerLists(
  db: DatabaseTransaction,
  eventId: string,
  lists: readonly SpeakersOfSession[],
): Promise<void> {
  const sessionIds = lists.map(({ sessionId }) => sessionId)
  for (const slice of inSlices(sessionIds, 2000)) {
    await db.sessionSpeaker.deleteMany({ where: { eventId, sessionId: { in: slice } } })
  }
  const rows = lists.flatMap(({ sessionId, speakerIds }) =>
    speakerIds.map((speakerId, position) => ({ eventId, sessionId, speakerId, position })),
  )
  for (const slice of inSlices(rows, 2000)) await db.sessionSpeaker.createMany({ data: slice })
}
