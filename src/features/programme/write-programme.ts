import type { DatabaseTransaction } from '../../database/client.ts'
import type { Admitted, AdmittedPart, AdmittedSession, Kind, PartKind } from './admitted.ts'
import { oursOf, type RowOutcome } from './difference.ts'
import { asImportedBefore, keepSaid, mainSource, originsIn, saidAnew } from './imported-rows.ts'
import { changedValues, mergeValues, type Preference, plainValues } from './merge.ts'
import { type Merging, originOf } from './origins.ts'
import { partRows, type PartValues } from './part-rows.ts'
import type { EventFacts } from './programme.rules.ts'
import type { ImportReport, Progress } from './report.ts'
import { reportsOf } from './report-rows.ts'
import { writeParts } from './write-parts.ts'
import { writeSessions } from './write-sessions.ts'

export interface ProgrammeToWrite {
  readonly slug: string
  readonly source: string
  readonly prefer: Preference
  readonly facts: EventFacts
  /** Those of the facts that the file says of an event that is there already. */
  readonly stated: Partial<EventFacts>
  /** The state of an event that isn't there yet. */
  readonly stateOfNew: 'DRAFT' | 'PUBLISHED'
  readonly parts: { readonly [Each in PartKind]: Admitted<AdmittedPart<PartValues[Each]>> }
  readonly sessions: Admitted<AdmittedSession>
  readonly now: Date
  readonly onProgress: ((progress: Progress) => void) | undefined
  /** @throws BAD_USER_INPUT where so many of the sessions that came from earlier editions aren't to be removed */
  requireFewRemovals(removed: number, ofAll: number): void
}

/** Writes an admitted programme: parts before the sessions that refer to them, and what is gone last. */
export async function writeProgramme(
  db: DatabaseTransaction,
  given: ProgrammeToWrite,
): Promise<Pick<ImportReport, 'event' | 'counts' | 'rows'>> {
  const { slug, parts, sessions, onProgress } = given
  const event = await writeEvent(db, given)
  const tables = partRows(db)
  const target = { db, eventId: event.id, ...event.merging }
  const written = {
    tracks: await writeParts(target, tables.tracks, parts.tracks),
    rooms: await writeParts(target, tables.rooms, parts.rooms),
    sessionTypes: await writeParts(target, tables.sessionTypes, parts.sessionTypes),
    speakers: await writeParts(target, tables.speakers, parts.speakers),
  }
  const ofParts = Object.values(written)
  const writtenSessions = await writeSessions(target, {
    sessions,
    ids: new Map(ofParts.flatMap(({ ids }) => [...ids])),
    hasSpeakers: parts.speakers.items !== null,
    deletedHere: new Set(ofParts.flatMap(({ deletedHere }) => [...deletedHere])),
    requireFewRemovals: given.requireFewRemovals,
    onWritten: (done, total) => onProgress?.({ step: 'writing sessions', done, total }),
  })

  const finished = async (kind: PartKind) => {
    const gone = await written[kind].removeGone()
    return {
      counts: { ...written[kind].counts, removed: gone.length, skipped: skippedIn(parts[kind], kind) },
      outcomes: [...written[kind].outcomes, ...gone],
    }
  }
  const done = {
    speakers: await finished('speakers'),
    rooms: await finished('rooms'),
    tracks: await finished('tracks'),
    sessionTypes: await finished('sessionTypes'),
  }
  return {
    event: { slug, name: event.name, timeZone: event.timeZone, outcome: event.outcome },
    counts: {
      sessions: { ...writtenSessions.counts, skipped: skippedIn(sessions, 'sessions') },
      speakers: done.speakers.counts,
      rooms: done.rooms.counts,
      tracks: done.tracks.counts,
      sessionTypes: done.sessionTypes.counts,
    },
    rows: reportsOf(
      {
        event: event.outcomes,
        sessions: writtenSessions.outcomes,
        speakers: done.speakers.outcomes,
        rooms: done.rooms.outcomes,
        tracks: done.tracks.outcomes,
        sessionTypes: done.sessionTypes.outcomes,
      },
      {
        before: new Map(ofParts.flatMap(({ names }) => [...names.before])),
        now: new Map(ofParts.flatMap(({ names }) => [...names.now])),
      },
    ),
  }
}

interface WrittenEvent {
  readonly id: string
  readonly name: string
  readonly timeZone: string
  readonly outcome: ImportReport['event']['outcome']
  readonly outcomes: readonly RowOutcome[]
  readonly merging: Merging
}

async function writeEvent(db: DatabaseTransaction, given: ProgrammeToWrite): Promise<WrittenEvent> {
  const { slug, facts, stated, stateOfNew, source, prefer, now } = given
  const stored = await db.event.findUnique({ where: { slug } })
  const named = { sourceId: slug, name: stored?.name ?? facts.name, changedHere: [] }
  if (stored === null) {
    const values = { slug, state: stateOfNew, ...facts }
    const { id } = await db.event.create({ data: values, select: { id: true } })
    await keepSaid(db, { eventId: id, source }, [
      { rowId: id, values: plainValues({ state: stateOfNew, ...facts }), goneAt: null },
    ])
    const changes = Object.entries(plainValues(values)).map(([field, after]) => {
      return { field, before: null, after }
    })
    const merging = { source, prefer, now, origins: new Map(), before: new Map() }
    const outcomes = [{ ...named, id, outcome: 'created', changes, conflicts: [] } as const]
    return { id, name: facts.name, timeZone: facts.timeZone, outcome: 'created', outcomes, merging }
  }
  const { id } = stored
  const origins = await originsIn(db, id, source)
  const isRecorded = origins.get(id)?.bySource.has(source)
  const before = isRecorded === true ? new Map() : await asImportedBefore(db, id)
  const merging: Merging = { source, prefer, now, origins, before }
  const theirs = plainValues(stated)
  const ours = oursOf(stored, Object.keys(theirs))
  const { mine, base } = originOf({ ...stored, sourceId: null }, merging)
  // The event isn't another source's to rename, until that one changes what it says.
  const itsBase = source === mainSource || mine !== undefined ? base(ours) : {}
  const merged = mergeValues({ base: itsBase, ours, theirs }, prefer)
  const data = changedValues(merged, stated)
  const isChanged = merged.changes.length > 0
  if (isChanged) await db.event.update({ where: { slug }, data, select: { id: true } })
  const said = saidAnew(id, mine, { values: theirs, goneAt: null })
  if (said !== null) await keepSaid(db, { eventId: id, source }, [said])
  const outcome = isChanged ? 'changed' : 'unchanged'
  const outcomes =
    isChanged || merged.conflicts.length > 0 ? [{ ...named, id, outcome, ...merged } as const] : []
  const { name, timeZone } = { ...stored, ...data }
  return { id, name, timeZone, outcome, outcomes, merging }
}

/** How many were left out as a whole: one that has several faults counts once. */
function skippedIn({ skips }: Admitted<unknown>, kind: Kind): number {
  return new Set(skips.filter((skip) => skip.kind === kind && skip.isWhole).map(({ place }) => place)).size
}
