import type { Context } from '../../context.ts'
import { badUserInput, type InputIssue, notFound } from '../../errors.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import type { Programme, ProgrammePart, ProgrammeSession } from '../../interchange/programme.ts'
import { linksIn, venueIn } from '../../links.ts'
import { dayAt } from '../../time/days.ts'
import { visibleEvents } from '../event/event.rules.ts'
import { visibleSessions } from '../session/session.rules.ts'
import { visibleSpeakers } from '../speaker/speaker.list.ts'
import { canceledAsSeen } from './export-canceled.ts'
import { guidOf, type Named, numbersOf } from './export.rules.ts'
import { otherIdsOf } from './source-ids.ts'

/** What of a programme is wanted; an empty list filters nothing, but for `sessions`. */
export interface ExportFilter {
  /** Ids, or names, whatever their case. */
  readonly tracks: readonly string[]
  readonly rooms: readonly string[]
  /** 'YYYY-MM-DD' of the event. */
  readonly days: readonly string[]
  readonly languages: readonly string[]
  /** Ids, or guids: UUIDs both. Of an empty list, none; null filters nothing. */
  readonly sessions: readonly string[] | null
  /** Whether the sessions are wanted that left the programme after everybody could see them. */
  readonly withCanceled: boolean
  readonly withBreaks: boolean
}

/**
 * The programme of an event as far as the viewer may see it, which is what the lists of the API give. To be called in a
 * snapshot; a fixed number of statements.
 *
 * @throws NOT_FOUND; BAD_USER_INPUT for a track, a room or a session that the event doesn't have
 */
export async function exportProgramme(ctx: Context, slug: string, filter: ExportFilter): Promise<Programme> {
  const { db, viewer } = ctx
  const stored = await db.event.findFirst({ where: { slug, AND: visibleEvents(viewer) } })
  if (stored === null) throw notFound('event', slug)
  const event = { ...withLinks(stored), venue: venueIn(stored.venue) }
  const eventId = event.id
  const isThere = { eventId, deletedAt: null }
  const inOrder = [{ position: 'asc' }, { id: 'asc' }] as const
  const otherIds = await otherIdsOf(db, eventId)
  const asParts = partsNamedBy(otherIds)
  const tracks = asParts(await db.track.findMany({ where: isThere, orderBy: [...inOrder] }))
  const rooms = asParts(await db.room.findMany({ where: isThere, orderBy: [...inOrder] }))
  const sessionTypes = asParts(await db.sessionType.findMany({ where: isThere, orderBy: [...inOrder] }))
  const people = await db.speaker.findMany({
    where: { eventId, AND: visibleSpeakers(viewer) },
    orderBy: { id: 'asc' },
  })
  const speakers = asParts(people.map(withLinks))
  const [trackIds, roomIds] = [idsIn('track', tracks, filter.tracks), idsIn('room', rooms, filter.rooms)]
  const placed = [
    ...(trackIds === null ? [] : [{ trackId: { in: trackIds } }]),
    ...(roomIds === null ? [] : [{ roomId: { in: roomIds } }]),
  ]
  const named = filter.sessions === null ? [] : [namedSessions(filter.sessions)]
  const spoken = filter.languages.length === 0 ? [] : [{ language: { in: [...filter.languages] } }]
  const links = { speakers: { select: { speakerId: true }, orderBy: { position: 'asc' as const } } }
  const visible = await db.session.findMany({
    where: { eventId, AND: [visibleSessions(viewer), ...placed, ...named, ...spoken] },
    orderBy: { id: 'asc' },
    include: links,
  })
  // In which language one was is nothing that is seen of it.
  const canceled =
    filter.withCanceled && spoken.length === 0
      ? await canceledAsSeen(ctx, eventId, [...placed, ...named.map((session) => ({ session }))])
      : []
  const everything = await db.session.findMany({
    where: { eventId },
    orderBy: { id: 'asc' },
    select: { id: true, sourceId: true },
  })
  const numbers = numbersOf(everything.map((row) => withOtherIds(row, otherIds)))

  const [trackById, roomById] = [byId(tracks), byId(rooms)]
  const [typeById, speakerById] = [byId(sessionTypes), byId(speakers)]
  const sessions = [...visible, ...canceled].map(
    ({ speakers: listed, trackId, roomId, sessionTypeId, ...row }): ProgrammeSession => ({
      ...part(withOtherIds(row, otherIds), numbers, withLinks(row)),
      track: trackById.get(trackId ?? '') ?? null,
      room: roomById.get(roomId ?? '') ?? null,
      sessionType: typeById.get(sessionTypeId ?? '') ?? null,
      speakers: listed.flatMap(({ speakerId }) => speakerById.get(speakerId) ?? []),
    }),
  )
  const places = new Map(rooms.map(({ id }, index) => [id, index]))
  const breaks = filter.withBreaks
    ? await db.break.findMany({ where: isThere, orderBy: [{ startsAt: 'asc' }, { id: 'asc' }] })
    : []
  const onDay = ({ startsAt }: { startsAt: Date | null }) =>
    filter.days.length === 0 || (startsAt !== null && filter.days.includes(dayAt(startsAt, event)))
  return {
    event,
    ...{ tracks, rooms, sessionTypes },
    speakers: speakers.toSorted((a, b) => compare([a.name, a.guid], [b.name, b.guid])),
    sessions: sessions.filter(onDay).toSorted((a, b) => compare(keyOf(a), keyOf(b))),
    breaks: breaks
      .filter((one) => onDay(one) && (one.roomId === null || places.has(one.roomId)))
      .map((one) => ({ ...one, room: roomById.get(one.roomId ?? '') ?? null })),
  }

  function keyOf({ startsAt, room, title, guid }: ProgrammeSession): string[] {
    const place = room === null ? places.size : places.get(room.id)!
    return [startsAt?.toISOString() ?? '~', String(place).padStart(5, '0'), title, guid]
  }
}

/** The row with its links as what they are. */
function withLinks<Row extends { readonly links: unknown }>(row: Row) {
  return { ...row, links: linksIn(row.links) }
}

/** The rows as parts of a programme. */
function partsNamedBy(otherIds: ReadonlyMap<string, readonly string[]>) {
  return <Row extends { id: string; sourceId: string | null }>(rows: readonly Row[]) => {
    const named = rows.map((row) => withOtherIds(row, otherIds))
    const numbers = numbersOf(named.toSorted((a, b) => (a.id < b.id ? -1 : 1)))
    return rows.map((row, index) => part(named[index]!, numbers, row))
  }
}

function withOtherIds(
  { id, sourceId }: { id: string; sourceId: string | null },
  otherIds: ReadonlyMap<string, readonly string[]>,
): Named {
  return { id, sourceId, otherIds: otherIds.get(id) ?? [] }
}

function part<Row extends object>(named: Named, numbers: ReadonlyMap<string, number>, row: Row) {
  const names: Pick<ProgrammePart, 'guid' | 'sourceId' | 'number'> = {
    guid: guidOf(named),
    sourceId: named.sourceId ?? named.id,
    number: numbers.get(named.id)!,
  }
  return { ...row, ...names }
}

/** @returns null if nothing is wanted in particular. @throws BAD_USER_INPUT */
function idsIn(
  what: string,
  rows: readonly { id: string; guid: string; name: string }[],
  wanted: readonly string[],
): string[] | null {
  const issues: InputIssue[] = []
  const ids = wanted.flatMap((name) => {
    const found = rows.filter((row) => {
      return row.id === name || row.guid === name || row.name.toLowerCase() === name.toLowerCase()
    })
    const message = `There is no ${what} ${JSON.stringify(name)} in this event.`
    if (found.length === 0) issues.push({ path: [what], message })
    return found.map(({ id }) => id)
  })
  if (issues.length > 0) throw badUserInput(issues)
  return wanted.length === 0 ? null : ids
}

/** What isn't there, or isn't visible, is left out: a calendar goes on when a session of it is gone. */
function namedSessions(names: readonly string[]): Prisma.SessionWhereInput {
  const guids = names.flatMap((name) => [name, name.toLowerCase(), name.toUpperCase()])
  return { OR: [{ id: { in: [...names] } }, { sourceId: { in: guids } }] }
}

function byId<Row extends { readonly id: string }>(rows: readonly Row[]): ReadonlyMap<string, Row> {
  return new Map(rows.map((row) => [row.id, row]))
}

/** In an order that is the same everywhere, whatever the locale. */
function compare(a: readonly string[], b: readonly string[]): number {
  const index = a.findIndex((text, place) => text !== b[place])
  return index === -1 ? 0 : a[index]! < b[index]! ? -1 : 1
}
