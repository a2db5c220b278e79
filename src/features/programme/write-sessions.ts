import type { DatabaseTransaction } from '../../database/client.ts'
import type { Admitted, AdmittedSession, PartKind } from './admitted.ts'
import { differenceOf } from './difference.ts'
import { type Counts, inSlices, noCounts } from './report.ts'
import { writeSpeakerLists } from './write-speaker-lists.ts'

export interface SessionsToWrite {
  readonly eventId: string
  readonly sessions: Admitted<AdmittedSession>
  readonly ids: { readonly [Each in PartKind]: ReadonlyMap<string, string> }
  readonly deletedAt: Date
  /** @throws BAD_USER_INPUT where so many of the sessions that came from earlier editions aren't to be removed */
  requireFewRemovals(removed: number, ofAll: number): void
  readonly onWritten: (done: number, total: number) => void
}

/** Writes the sessions and who speaks in them; only what differs. */
export async function writeSessions(db: DatabaseTransaction, given: SessionsToWrite): Promise<Counts> {
  const { eventId, deletedAt } = given
  const { items: admitted, kept } = given.sessions
  if (admitted === null) return noCounts
  const stored = await db.session.findMany({ where: { eventId }, orderBy: { id: 'asc' } })
  const wanted = admitted.map((session) => ({ sourceId: session.sourceId, values: rowOf(session, given) }))
  const { created, changed, unchanged, removed } = differenceOf(stored, wanted, kept)
  const earlier = stored.filter(({ sourceId, deletedAt: gone }) => sourceId !== null && gone === null)
  given.requireFewRemovals(removed.length, earlier.length)
  const total = created.length + changed.length
  let done = 0

  const ids = new Map(
    stored.flatMap(({ id, sourceId }) => (sourceId === null ? [] : [[sourceId, id] as const])),
  )
  const states = new Map(admitted.map(({ sourceId, state }) => [sourceId, state.value]))
  const rows = created.map(({ sourceId, values }) => ({
    ...{ eventId, sourceId, state: states.get(sourceId)!, title: '(untitled)' },
    ...values,
  }))
  for (const slice of inSlices(rows)) {
    const fresh = await db.session.createManyAndReturn({ data: slice, select: { id: true, sourceId: true } })
    for (const { id, sourceId } of fresh) if (sourceId !== null) ids.set(sourceId, id)
    given.onWritten((done += slice.length), total)
  }
  for (const { id, data } of changed) {
    await db.session.updateMany({ where: { id }, data })
    given.onWritten((done += 1), total)
  }
  if (removed.length > 0) {
    await db.session.updateMany({ where: { id: { in: [...removed] } }, data: { deletedAt } })
  }

  const lists = admitted.map(({ sourceId, speakers }) => ({
    sessionId: ids.get(sourceId)!,
    speakerIds: speakers.map((speaker) => given.ids.speakers.get(speaker)!),
  }))
  const relisted = await writeSpeakerLists(db, eventId, lists)
  const onlyRelisted = unchanged.filter((id) => relisted.has(id)).length
  return {
    created: created.length,
    changed: changed.length + onlyRelisted,
    unchanged: unchanged.length - onlyRelisted,
    removed: removed.length,
  }
}

/** The columns that the file knows, with the ids of what it refers to. */
function rowOf({ values, state, track, room, sessionType }: AdmittedSession, { ids }: SessionsToWrite) {
  const idOf = (known: ReadonlyMap<string, string>, sourceId: string | null) =>
    sourceId === null ? null : (known.get(sourceId) ?? null)
  return {
    ...values,
    ...(state.isStated ? { state: state.value } : {}),
    ...(track === undefined ? {} : { trackId: idOf(ids.tracks, track) }),
    ...(room === undefined ? {} : { roomId: idOf(ids.rooms, room) }),
    ...(sessionType === undefined ? {} : { sessionTypeId: idOf(ids.sessionTypes, sessionType) }),
  }
}
