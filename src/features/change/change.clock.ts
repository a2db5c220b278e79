import type { Context } from '../../context.ts'
import type { Database } from '../../database/client.ts'
import type { ReadStatement } from '../../database/read-text.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import { newestCommit, rightsWord, viewedEvent } from './change.sight.ts'

/** An event: by a slug that leads to it, or by the id of something in its programme, or its own. */
export type EventRef =
  | { readonly by: 'slug'; readonly slug: string }
  | { readonly by: 'event' | PartOfProgramme; readonly id: string }

type PartOfProgramme = 'session' | 'speaker' | 'track' | 'room' | 'sessionType'

/** Whose clock is asked for. */
export interface ClockRequest {
  readonly event: EventRef
  /** Whether only what the public sees moves the clock; otherwise every change of the programme does. */
  readonly asPublic: boolean
}

/** Where a programme stands: its last commit. */
export interface ProgrammeClock {
  readonly eventId: string
  /** Grows with each commit of the event. */
  readonly seq: bigint
  /** The commit's own: where a restored dump gave a seq twice, the tokens differ. */
  readonly token: string
  readonly committedAt: Date
  /** What this database signs by. */
  readonly key: Uint8Array
}

/**
 * The clocks of events, in the order of the requests; null where there is no such event, or nothing of it was ever public.
 * It says nothing about who may see the event. One statement, so all of them are of one moment; in a transaction that
 * repeats its reads they are of the same moment as everything else that it reads.
 */
export async function programmeClocks(
  { db }: Pick<Context, 'db'>,
  requests: readonly ClockRequest[],
): Promise<(ProgrammeClock | null)[]> {
  const [row] = await db.$queryRaw<{ clocks: string | null }[]>`SELECT (${clocksText(requests)}) AS clocks`
  return clocksFrom(row?.clocks ?? null, requests.length)
}

/** The same outside of a transaction, without Prisma's part of the work: it is asked before each answer that is kept. */
export async function readClocks(
  db: Database,
  requests: readonly ClockRequest[],
): Promise<(ProgrammeClock | null)[]> {
  const [text = null] = await db.$readTexts(clockStatement(requests))
  return clocksFrom(text, requests.length)
}

/** Gives a text for `clocksFrom`: what is read by the same statement beside it is of the same moment. */
export function clockStatement(requests: readonly ClockRequest[]): ReadStatement {
  const { text, values } = clocksText(requests)
  // What a connection prepares begins with the word.
  return { sql: text.trim(), values, isShort: true }
}

/** @param text null: there is none of the events. @param count of the requests */
export function clocksFrom(text: string | null, count: number): (ProgrammeClock | null)[] {
  const found: (ProgrammeClock | null)[] = Array.from({ length: count }, () => null)
  // As the statement writes it.
  for (const [place, eventId, seq, token, key, committedAt] of JSON.parse(text ?? '[]') as ClockRow[]) {
    found[place - 1] = {
      ...{ eventId, seq: BigInt(seq), token, key: Buffer.from(key, 'hex') },
      committedAt: new Date(committedAt),
    }
  }
  return found
}

type ClockRow = [place: number, eventId: string, seq: string, token: string, key: string, committedAt: number]

function clocksText(requests: readonly ClockRequest[]): Prisma.Sql {
  return Prisma.sql`
    SELECT json_agg(json_build_array(place, "eventId", seq::text, token, encode(key, 'hex'),
                                     floor(extract(epoch FROM "committedAt") * 1000)::bigint))::text
    FROM (${clocksOf(requests)}) clocks`
}

function clocksOf(requests: readonly ClockRequest[]): Prisma.Sql {
  const slugs = requests.map(({ event }) => (event.by === 'slug' ? event.slug : ''))
  const ids = requests.map(({ event }) => (event.by === 'slug' ? noId : event.id))
  const ways = requests.map(({ event }) => event.by)
  const asPublic = requests.map((request) => request.asPublic)
  return Prisma.sql`
    SELECT w.place, e.id AS "eventId", c.seq, c.token, c.committed_at AS "committedAt",
           (SELECT key FROM cursor_keys ORDER BY id LIMIT 1) AS key
    FROM unnest(${ways}::text[], ${slugs}::text[], ${ids}::uuid[], ${asPublic}::boolean[]) WITH ORDINALITY
      AS w(way, slug, id, as_public, place)
    JOIN events e ON e.deleted_at IS NULL AND e.id = CASE w.way
      WHEN 'slug' THEN coalesce(
        (SELECT id FROM events WHERE slug = w.slug),
        (SELECT id FROM events WHERE former_slugs @> ARRAY[w.slug] LIMIT 1))
      WHEN 'event' THEN w.id
      WHEN 'session' THEN (SELECT event_id FROM sessions WHERE id = w.id)
      WHEN 'speaker' THEN (SELECT event_id FROM speakers WHERE id = w.id)
      WHEN 'track' THEN (SELECT event_id FROM tracks WHERE id = w.id)
      WHEN 'room' THEN (SELECT event_id FROM rooms WHERE id = w.id)
      WHEN 'sessionType' THEN (SELECT event_id FROM session_types WHERE id = w.id)
    END
    CROSS JOIN LATERAL (
      (SELECT seq, token, committed_at FROM programme_commits
       WHERE event_id = e.id AND w.as_public AND is_public ORDER BY seq DESC LIMIT 1)
      UNION ALL
      (SELECT seq, token, committed_at FROM programme_commits
       WHERE event_id = e.id AND NOT w.as_public ORDER BY seq DESC LIMIT 1)
    ) c`
}

/** No row has it. */
const noId = '00000000-0000-0000-0000-000000000000'

/** Where an event's programme stands for one viewer. */
export interface ViewedClock {
  readonly eventId: string
  /** What the viewer may see of it, as a word: who sees something else has another one. */
  readonly rights: string
  /** The last commit that the viewer is told of, as a word; null before the first one. */
  readonly commit: string | null
  readonly committedAt: Date | null
}

/** Where the programme stands now; null if the viewer may not see the event. One statement. */
export async function viewedClock(ctx: Context, eventSlug: string): Promise<ViewedClock | null> {
  const rows = await ctx.db.$queryRaw<
    { id: string; rights: string; seq: string | null; token: string | null; committedAt: Date | null }[]
  >`
    WITH ${viewedEvent(ctx.viewer, eventSlug)}, head AS MATERIALIZED (${newestCommit()})
    SELECT e.id, e.rights, h.seq::text, h.token, h.committed_at AS "committedAt"
    FROM e LEFT JOIN head h ON true`
  const [row] = rows
  if (row === undefined) return null
  const { id: eventId, seq, token, committedAt } = row
  const commit = seq === null ? null : `${seq} ${token}`
  return { eventId, rights: rightsWord(row.rights), commit, committedAt }
}
