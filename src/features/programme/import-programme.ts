import { type Context, inTransaction } from '../../context.ts'
import type { DatabaseTransaction } from '../../database/client.ts'
import { databaseFaultOf } from '../../database/faults.ts'
import { refusedFor } from '../../interchange/read/faults.ts'
import type { FoundProgramme } from '../../interchange/read/found.ts'
import { isTimeZone } from '../../time/time-zone.ts'
import { doubleBookings, holdScheduleAlone } from '../booking/booking.ts'
import { bookingMessageOf } from '../booking/booking.rules.ts'
import { eventLedToBy } from '../event/event.list.ts'
import { isSlug } from '../event/event.rules.ts'
import { requireMayImport, requireMayPublish } from './import-rights.ts'
import { admitParts } from './admit-parts.ts'
import { admitSessions } from './admit-sessions.ts'
import {
  eventFactsOf,
  faultOfRemovals,
  faultOfTarget,
  slugOf,
  statedIn,
  outsideOf,
} from './programme.rules.ts'
import { mainSource } from './imported-rows.ts'
import type { Preference } from './merge.ts'
import { type ImportReport, notesOf, type Progress, type RowReport } from './report.ts'
import { writeProgramme } from './write-programme.ts'
import { zoneOf } from './zone.rules.ts'

export interface ImportOptions {
  /** The event to import into, made where it doesn't exist; null: the one that the programme names. */
  readonly slug: string | null
  /** Which of the event's sources the programme is of; `main` where it is left out. */
  readonly source?: string
  /** Who is right about what was changed both here and in the source; `ours` where it is left out. */
  readonly prefer?: Preference
  /** The event's zone; null: the file's, else the stored event's. */
  readonly timeZone: string | null
  /** Does everything and then takes it back. */
  readonly isDryRun: boolean
  /** Leaves out what is faulty, instead of refusing the whole programme. */
  readonly skipInvalid: boolean
  /** Lets an edition remove more than a fifth of the sessions that earlier ones brought; false where it is left out. */
  readonly allowRemovals?: boolean
  readonly onProgress?: (progress: Progress) => void
}

/**
 * Merges a programme into an event, in one transaction: what is new is created, what its source changed since its last
 * import is changed, what is gone from it is deleted softly and comes back with it. What was changed or deleted here stays
 * so, and so does what was made here, what other sources have, and values that the programme doesn't know. The same
 * programme again writes nothing, so no `lastModifiedAt` moves.
 *
 * @throws RangeError where the slug or the zone of the options is none; UNAUTHENTICATED, FORBIDDEN; BAD_USER_INPUT with
 *   all faults and their places. Nothing was written then.
 */
export async function importProgramme(
  ctx: Context,
  programme: FoundProgramme,
  options: ImportOptions,
): Promise<ImportReport> {
  requireUsableOptions(options)
  const slug = options.slug ?? slugOf(programme.event.acronym ?? programme.event.name ?? '')
  if (!isSlug(slug)) {
    const reason = 'has no name that a slug could be made of. Choose one: --event SLUG.'
    throw refusedFor([{ place: programme.event.place, reason }])
  }
  const work = (db: DatabaseTransaction) => importInto({ ...ctx, db }, slug, programme, options)
  return inOneTransaction(ctx, options.isDryRun, work).catch((error: unknown) => {
    const fault = databaseFaultOf(error)
    // The database counts what an event may have, whoever writes.
    if (fault?.kind === 'refused')
      throw refusedFor([{ place: programme.event.place, reason: `${fault.rule}.` }])
    throw error
  })
}

async function importInto(
  { db, viewer, clock }: Pick<Context, 'viewer' | 'clock'> & { readonly db: DatabaseTransaction },
  slug: string,
  programme: FoundProgramme,
  options: ImportOptions,
): Promise<ImportReport> {
  const now = clock()
  const source = options.source ?? mainSource
  // Two imports of one event wait for each other, also where the event doesn't exist yet.
  await db.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`import ${slug}`}, 0))`
  options.onProgress?.({ step: 'comparing', done: 0, total: 0 })
  const found = await eventLedToBy(db, slug, { id: true })
  requireMayImport(viewer, found?.id ?? null)
  if (found !== null) await holdScheduleAlone({ db }, found.id)
  // Read once nobody else changes it: its zone and its policy count for all that follows.
  const stored = found && (await db.event.findUnique({ where: { id: found.id } }))
  const zone = zoneOf(programme, options.timeZone, stored)
  if ('reason' in zone) throw refusedFor([zone])

  const { parts, sessions, ...admitted } = admittedIn(programme, zone.timeZone)
  const times = (sessions.items ?? []).map(({ values }) => values)
  // Other formats have a name for the event, and a blank one is a fault.
  const isNameless = programme.format === 'Sessionize JSON' || programme.format === 'iCalendar'
  const otherwise = isNameless ? (stored?.name ?? options.slug ?? '') : ''
  const event = eventFactsOf(programme, zone.timeZone, times, otherwise)
  if ('faults' in event) throw refusedFor([...event.faults, ...admitted.skips])
  const skips = [...event.skips, ...admitted.skips]
  const wrongTarget = stored === null ? null : faultOfTarget(stored, event.facts, options.slug !== null)
  if (wrongTarget !== null) throw refusedFor([{ place: programme.event.place, reason: wrongTarget }])
  if (skips.length > 0 && !options.skipInvalid) throw refusedFor(skips, adviceOnSkips)

  const written = await writeProgramme(db, {
    ...{
      slug: stored?.slug ?? slug,
      facts: event.facts,
      stated: statedIn(programme, event.facts),
      stateOfNew: programme.event.state.value,
      parts,
      sessions,
    },
    ...{ source, prefer: options.prefer ?? 'ours', now, onProgress: options.onProgress },
    requireFewRemovals(removed, ofAll) {
      const reason = options.allowRemovals ? null : faultOfRemovals(removed, ofAll)
      if (reason !== null) throw refusedFor([{ place: programme.event.place, reason }])
    },
  })
  if (stored !== null) requireMayPublish(viewer, stored.id, written.rows)
  if (stored?.conflictPolicy === 'REFUSE') await requireNoDoubleBookings(db, stored.id, programme.event.place)
  const notes = [
    zone.note,
    sessions.items?.length === 0 ? 'No session was found in the file.' : null,
    ...notesOf([...programme.told, ...sessions.told, ...outsideOf(event.facts, sessions.items ?? [])]),
  ]
  return {
    source,
    ...written,
    rows: options.isDryRun ? written.rows.map(withoutNewId) : written.rows,
    skips,
    notes: notes.filter((note) => note !== null),
    isDryRun: options.isDryRun,
  }
}

/** What was taken back has no id. */
function withoutNewId(row: RowReport): RowReport {
  return row.outcome === 'created' ? { ...row, id: null } : row
}

async function requireNoDoubleBookings(
  db: DatabaseTransaction,
  eventId: string,
  place: string,
): Promise<void> {
  const found = await doubleBookings({ db }, { eventId })
  if (found.length > 0)
    throw refusedFor(found.map((booking) => ({ place, reason: bookingMessageOf(booking) })))
}

function admittedIn(programme: FoundProgramme, timeZone: string) {
  const parts = {
    tracks: admitParts('tracks', programme.tracks),
    rooms: admitParts('rooms', programme.rooms),
    sessionTypes: admitParts('sessionTypes', programme.sessionTypes),
    speakers: admitParts('speakers', programme.speakers),
  }
  const sessions = admitSessions(programme, timeZone)
  const skips = [...sessions.skips, ...Object.values(parts).flatMap((part) => part.skips)]
  return { parts, sessions, skips }
}

function requireUsableOptions({ slug, timeZone, source = mainSource }: ImportOptions): void {
  if (!isSlug(source)) {
    throw new RangeError(
      `${JSON.stringify(source)} can't name a source: lower-case letters, digits and single hyphens.`,
    )
  }
  if (slug !== null && !isSlug(slug)) {
    throw new RangeError(
      `${JSON.stringify(slug)} isn't a slug: lower-case letters, digits and single hyphens.`,
    )
  }
  if (timeZone !== null && !isTimeZone(timeZone)) {
    throw new RangeError(`${JSON.stringify(timeZone)} isn't an IANA time zone such as America/New_York.`)
  }
}

const adviceOnSkips = 'Nothing was imported. Mend the file, or leave out what is faulty by --skip-invalid.'

/** A dry run is taken back by the database itself, so that it meets everything that a real one would meet. */
async function inOneTransaction<Result>(
  ctx: Context,
  isDryRun: boolean,
  work: (db: DatabaseTransaction) => Promise<Result>,
): Promise<Result> {
  const takeBack = new Error('a dry run is taken back')
  let result: Result | undefined
  const run = async ({ db }: Context) => {
    result = await work(db)
    if (isDryRun) throw takeBack
  }
  // A programme of thousands of sessions on a far database takes longer than a request may.
  await inTransaction(ctx, run, { timeout: 600_000 }).catch((error: unknown) => {
    if (error !== takeBack) throw error
  })
  // Set where the transaction neither failed nor was refused, and only then do we get here.
  return result as Result
}
