import type { FoundPart } from '../../interchange/read/found.ts'
import type { Admitted, AdmittedSession } from './admitted.ts'
import { differenceOf, type RowOutcome } from './difference.ts'
import { keepSaid } from './imported-rows.ts'
import { type Counts, inSlices, noCounts } from './report.ts'
import type { EventToWrite } from './write-parts.ts'
import { type SpeakersOfSession, writeSpeakerLists } from './write-speaker-lists.ts'
import { createdOutcomes, goneFrom, keepWritten } from './written.ts'

export interface SessionsToWrite {
  readonly sessions: Admitted<AdmittedSession>
  /** The stored id of each part. */
  readonly ids: ReadonlyMap<FoundPart, string>
  /** Whether the file speaks of speakers. */
  readonly hasSpeakers: boolean
  /** The parts that a person deleted. */
  readonly deletedHere: ReadonlySet<string>
  /** @throws BAD_USER_INPUT where so many of the sessions that came from earlier editions aren't to be removed */
  requireFewRemovals(removed: number, ofAll: number): void
  readonly onWritten: (done: number, total: number) => void
}

export interface WrittenSessions {
  readonly counts: Counts
  readonly outcomes: readonly RowOutcome[]
}

/** Writes the sessions and who speaks in them; only what the source changed. */
export async function writeSessions(event: EventToWrite, given: SessionsToWrite): Promise<WrittenSessions> {
  const { db, eventId, now } = event
  const { items: admitted, kept } = given.sessions
  if (admitted === null) return { counts: noCounts, outcomes: [] }
  const rows = await db.session.findMany({ where: { eventId }, orderBy: { id: 'asc' } })
  const wanted = admitted.map((session) => wantedOf(session, given))
  const stored = {
    rows,
    nameOf: ({ title }: (typeof rows)[number]) => title,
    slotOf: ({ startsAt, roomId }: (typeof rows)[number]) => ({ startsAt, roomId }),
  }
  const difference = differenceOf(stored, { wanted, kept }, event)
  const { created, changed, unchanged, removed, left } = difference
  const rowIds = new Map(difference.rowIds)
  given.requireFewRemovals(removed.length + left.length, difference.present)
  const total = created.length + changed.length
  const lists: SpeakersOfSession[] = []
  const list = (sessionId: string, speakerIds: readonly string[]) => {
    lists.push({ sessionId, speakerIds: speakerIds.filter((id) => !given.deletedHere.has(id)) })
  }
  let done = 0

  for (const slice of inSlices(created)) {
    const fresh = slice.map(({ item, sourceId }) => {
      const { speakerIds: _list, ...columns } = item.values
      const always = { eventId, sourceId, state: item.session.state.value, title: '(untitled)' }
      return { ...always, ...withoutDeleted(columns, given) }
    })
    const made = await db.session.createManyAndReturn({ data: fresh, select: { id: true, sourceId: true } })
    const byId = new Map(made.map(({ id, sourceId }) => [sourceId, id]))
    for (const { item, sourceId } of slice) {
      const sessionId = byId.get(sourceId)!
      rowIds.set(item, sessionId)
      list(sessionId, item.values.speakerIds ?? [])
    }
    given.onWritten((done += slice.length), total)
  }
  for (const { id, data } of changed) {
    // What differs are values that were wanted.
    const { speakerIds, ...columns } = data as Partial<Values> & { deletedAt?: null }
    if (speakerIds !== undefined) list(id, speakerIds)
    if (Object.keys(columns).length > 0) {
      await db.session.updateMany({ where: { id }, data: withoutDeleted(columns, given) })
    }
    given.onWritten((done += 1), total)
  }
  if (removed.length > 0) {
    const ids = removed.map(({ id }) => id)
    await db.session.updateMany({ where: { id: { in: ids } }, data: { deletedAt: now } })
    await keepSaid(db, event, goneFrom(event, ids))
  }
  await writeSpeakerLists(db, eventId, lists)
  await keepWritten(event, difference, rowIds, ({ session }) => ({ state: session.state.value }))
  return {
    counts: {
      created: created.length,
      changed: changed.length,
      unchanged: unchanged.length,
      removed: removed.length,
    },
    outcomes: [
      ...createdOutcomes(difference, rowIds),
      ...difference.outcomes,
      ...removed.map(({ outcome }) => outcome),
    ],
  }
}

/** The columns that the file knows, with the ids of what it refers to, and how the session is recognised. */
function wantedOf(session: AdmittedSession, { ids: partIds, hasSpeakers }: SessionsToWrite) {
  const idOf = (part: FoundPart | null) => (part === null ? null : (partIds.get(part) ?? null))
  const { values, state, track, room, sessionType } = session
  return {
    session,
    ids: session.ids,
    name: values.title ?? '',
    slot: { startsAt: values.startsAt, roomId: room ? idOf(room) : null },
    onceBack: { state: state.value },
    values: {
      ...values,
      ...(state.isStated ? { state: state.value } : {}),
      ...(track === undefined ? {} : { trackId: idOf(track) }),
      ...(room === undefined ? {} : { roomId: idOf(room) }),
      ...(sessionType === undefined ? {} : { sessionTypeId: idOf(sessionType) }),
      // Two people of the file may be one here.
      ...(hasSpeakers
        ? { speakerIds: [...new Set(session.speakers.flatMap((speaker) => partIds.get(speaker) ?? []))] }
        : {}),
    },
  }
}

type Values = ReturnType<typeof wantedOf>['values']

/** Without a track, a room or a type that a person deleted. */
function withoutDeleted<Columns extends Partial<Values>>(columns: Columns, given: SessionsToWrite): Columns {
  const isDeleted = (id: unknown) => typeof id === 'string' && given.deletedHere.has(id)
  const entries = Object.entries(columns).map(([field, value]) => [field, isDeleted(value) ? null : value])
  // The same columns, of which those that refer to something may be null.
  return Object.fromEntries(entries) as Columns
}
