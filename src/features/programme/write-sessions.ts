import type { FoundPart } from '../../interchange/read/found.ts'
import type { Admitted, AdmittedSession } from './admitted.ts'
import { differenceOf } from './difference.ts'
import { type Counts, inSlices, noCounts } from './report.ts'
import { learnIds } from './source-ids.ts'
import type { EventToWrite } from './write-parts.ts'
import { writeSpeakerLists } from './write-speaker-lists.ts'

export interface SessionsToWrite {
  readonly sessions: Admitted<AdmittedSession>
  /** The stored id of each part. */
  readonly ids: ReadonlyMap<FoundPart, string>
  readonly deletedAt: Date
  /** @throws BAD_USER_INPUT where so many of the sessions that came from earlier editions aren't to be removed */
  requireFewRemovals(removed: number, ofAll: number): void
  readonly onWritten: (done: number, total: number) => void
}

/** Writes the sessions and who speaks in them; only what differs. */
export async function writeSessions(
  { db, eventId, otherIds }: EventToWrite,
  given: SessionsToWrite,
): Promise<Counts> {
  const { deletedAt } = given
  const { items: admitted, kept } = given.sessions
  if (admitted === null) return noCounts
  const rows = await db.session.findMany({ where: { eventId }, orderBy: { id: 'asc' } })
  const wanted = admitted.map((session) => wantedOf(session, given.ids))
  const stored = {
    ...{ rows, otherIds },
    nameOf: ({ title }: (typeof rows)[number]) => title,
    slotOf: ({ startsAt, roomId }: (typeof rows)[number]) => ({ startsAt, roomId }),
  }
  const difference = differenceOf(stored, wanted, kept)
  const { created, changed, unchanged, removed } = difference
  const rowIds = new Map(difference.rowIds)
  const earlier = rows.filter(({ sourceId, deletedAt: gone }) => sourceId !== null && gone === null)
  given.requireFewRemovals(removed.length, earlier.length)
  const total = created.length + changed.length
  let done = 0

  for (const slice of inSlices(created)) {
    const fresh = slice.map(({ item, sourceId }) => ({
      ...{ eventId, sourceId, state: item.session.state.value, title: '(untitled)' },
      ...item.values,
    }))
    const made = await db.session.createManyAndReturn({ data: fresh, select: { id: true, sourceId: true } })
    const byId = new Map(made.map(({ id, sourceId }) => [sourceId, id]))
    for (const { item, sourceId } of slice) rowIds.set(item, byId.get(sourceId)!)
    given.onWritten((done += slice.length), total)
  }
  for (const { id, data } of changed) {
    await db.session.updateMany({ where: { id }, data })
    given.onWritten((done += 1), total)
  }
  if (removed.length > 0) {
    await db.session.updateMany({ where: { id: { in: [...removed] } }, data: { deletedAt } })
  }
  await learnIds(db, eventId, difference.learned, rowIds)

  const lists = wanted.map((item) => ({
    sessionId: rowIds.get(item)!,
    // Two people of the file may be one here.
    speakerIds: [...new Set(item.session.speakers.flatMap((speaker) => given.ids.get(speaker) ?? []))],
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

/** The columns that the file knows, with the ids of what it refers to, and how the session is recognised. */
function wantedOf(session: AdmittedSession, partIds: ReadonlyMap<FoundPart, string>) {
  const idOf = (part: FoundPart | null) => (part === null ? null : (partIds.get(part) ?? null))
  const { values, state, track, room, sessionType } = session
  return {
    session,
    ids: session.ids,
    name: values.title ?? '',
    slot: { startsAt: values.startsAt, roomId: room ? idOf(room) : null },
    values: {
      ...values,
      ...(state.isStated ? { state: state.value } : {}),
      ...(track === undefined ? {} : { trackId: idOf(track) }),
      ...(room === undefined ? {} : { roomId: idOf(room) }),
      ...(sessionType === undefined ? {} : { sessionTypeId: idOf(sessionType) }),
    },
  }
}
