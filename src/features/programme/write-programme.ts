import type { DatabaseTransaction } from '../../database/client.ts'
import type { Admitted, AdmittedPart, AdmittedSession, Kind, PartKind } from './admitted.ts'
import { changesOf } from './difference.ts'
import { partRows, type PartValues } from './part-rows.ts'
import type { EventFacts } from './programme.rules.ts'
import type { ImportReport, Progress } from './report.ts'
import { otherIdsOf } from './source-ids.ts'
import { writeParts } from './write-parts.ts'
import { writeSessions } from './write-sessions.ts'

export interface ProgrammeToWrite {
  readonly slug: string
  readonly facts: EventFacts
  /** The state of an event that isn't there yet. */
  readonly stateOfNew: 'DRAFT' | 'PUBLISHED'
  readonly parts: { readonly [Each in PartKind]: Admitted<AdmittedPart<PartValues[Each]>> }
  readonly sessions: Admitted<AdmittedSession>
  readonly deletedAt: Date
  readonly onProgress: ((progress: Progress) => void) | undefined
  /** @throws BAD_USER_INPUT where so many of the sessions that came from earlier editions aren't to be removed */
  requireFewRemovals(removed: number, ofAll: number): void
}

/** Writes an admitted programme: parts before the sessions that refer to them, and what is gone last. */
export async function writeProgramme(
  db: DatabaseTransaction,
  given: ProgrammeToWrite,
): Promise<Pick<ImportReport, 'event' | 'counts'>> {
  const { slug, facts, parts, sessions, deletedAt, onProgress } = given
  const event = await writeEvent(db, given)
  const tables = partRows(db)
  const target = { db, eventId: event.id, otherIds: await otherIdsOf(db, event.id) }
  const written = {
    tracks: await writeParts(target, tables.tracks, parts.tracks),
    rooms: await writeParts(target, tables.rooms, parts.rooms),
    sessionTypes: await writeParts(target, tables.sessionTypes, parts.sessionTypes),
    speakers: await writeParts(target, tables.speakers, parts.speakers),
  }
  const sessionCounts = await writeSessions(target, {
    sessions,
    ids: new Map(Object.values(written).flatMap(({ ids }) => [...ids])),
    deletedAt,
    requireFewRemovals: given.requireFewRemovals,
    onWritten: (done, total) => onProgress?.({ step: 'writing sessions', done, total }),
  })

  const counted = async (kind: PartKind) => ({
    ...written[kind].counts,
    removed: await written[kind].removeGone(deletedAt),
    skipped: skippedIn(parts[kind], kind),
  })
  return {
    event: { slug, name: facts.name, timeZone: facts.timeZone, outcome: event.outcome },
    counts: {
      sessions: { ...sessionCounts, skipped: skippedIn(sessions, 'sessions') },
      speakers: await counted('speakers'),
      rooms: await counted('rooms'),
      tracks: await counted('tracks'),
      sessionTypes: await counted('sessionTypes'),
    },
  }
}

async function writeEvent(db: DatabaseTransaction, { slug, facts, stateOfNew }: ProgrammeToWrite) {
  const stored = await db.event.findUnique({ where: { slug } })
  if (stored === null) {
    const data = { slug, state: stateOfNew, ...facts }
    const { id } = await db.event.create({ data, select: { id: true } })
    return { id, outcome: 'created' } as const
  }
  const changes = changesOf(stored, facts)
  if (Object.keys(changes).length === 0) return { id: stored.id, outcome: 'unchanged' } as const
  await db.event.update({ where: { slug }, data: changes, select: { id: true } })
  return { id: stored.id, outcome: 'changed' } as const
}

/** How many were left out as a whole: one that has several faults counts once. */
function skippedIn({ skips }: Admitted<unknown>, kind: Kind): number {
  return new Set(skips.filter((skip) => skip.kind === kind && skip.isWhole).map(({ place }) => place)).size
}
