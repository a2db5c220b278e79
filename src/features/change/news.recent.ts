import type { Context } from '../../context.ts'
import { theEvent, viewedEvent } from './change.sight.ts'
import {
  type NewsOfSession,
  newsOf,
  newsworthy,
  type RoomNames,
  type NewsSight,
  type Standing,
} from './news.rules.ts'
import { standing } from './news.ts'

/** What one commit changed for people. */
export interface CommitNews {
  /** The commit's own, for ever. */
  readonly token: string
  readonly committedAt: Date
  readonly sessions: readonly NewsOfSession[]
  readonly rooms: readonly { readonly from: string; readonly to: string }[]
}

/** What was news lately in an event. */
export interface RecentNews {
  readonly event: {
    readonly id: string
    readonly name: string
    readonly timeZone: string
    readonly createdAt: Date
  }
  /** The latest first. */
  readonly commits: readonly CommitNews[]
}

/** How many commits are looked at, of what is committed lately, and how many of their rows. */
const mostCommits = 500
const mostRevisions = 2_000
/** How many that have news are told. */
const mostTold = 50

interface Revision {
  readonly seq: string
  readonly token: string
  readonly at: string
  /** Whether the viewer is told of the commit. */
  readonly isTold: boolean
  /** 'event': it was shown or hidden. */
  readonly entity: 'event' | 'session' | 'room'
  readonly id: string
  readonly isNew: boolean
  readonly wasShown: boolean
  /** The values that it had before, of those that changed. */
  readonly former: Readonly<Record<string, unknown>>
}

interface RecentRow extends NewsSight {
  readonly eventId: string
  readonly name: string
  readonly timeZone: string
  readonly createdAt: Date
  readonly revisions: readonly Revision[] | null
  readonly sessions: Readonly<Record<string, Standing>> | null
  readonly rooms: Readonly<Record<string, Room>> | null
}

interface Room {
  readonly name: string
  readonly deleted_at: string | null
}

/** The latest news of a programme, commit by commit, as far as the viewer sees it; null if the event isn't seen. One statement. */
export async function recentNews(ctx: Context, eventSlug: string): Promise<RecentNews | null> {
  const columns = [...newsworthy, 'name']
  const [row] = await ctx.db.$queryRaw<RecentRow[]>`
    WITH ${viewedEvent(ctx.viewer, eventSlug)},
    latest AS MATERIALIZED (
      SELECT c.seq, c.token, c.committed_at, c.change, c.is_public FROM programme_commits c
      WHERE c.event_id = ${theEvent} ORDER BY c.seq DESC LIMIT ${mostCommits}
    ),
    touched AS MATERIALIZED (
      SELECT c.seq, c.token, c.committed_at, c.is_public OR NOT e.as_public AS is_told, r.entity, r.entity_id AS id, r.operation, r.was_shown, r.before, r.after
      FROM e CROSS JOIN latest c JOIN revisions r ON r.change = c.change AND r.event_id = e.id
      WHERE (r.entity IN ('session', 'room') AND (r.before || r.after) ?| ${columns})
        OR (r.entity = 'event' AND r.was_shown <> r.is_shown)
      ORDER BY c.seq DESC, r.entity, r.entity_id LIMIT ${mostRevisions}
    )
    SELECT e.id AS "eventId", ev.name, ev.time_zone AS "timeZone", ev.created_at AS "createdAt",
      e.all_sessions AS "allSessions", e.is_published AS "isPublished", e.own_in_sessions::text AS "ownSpeaker",
      ev.shows_canceled AS "showsCanceled",
      (SELECT json_agg(json_build_object('seq', t.seq::text, 'token', t.token, 'at', t.committed_at, 'isTold', t.is_told, 'entity', t.entity,
         'id', t.id, 'isNew', t.operation = 'created', 'wasShown', t.was_shown, 'former', (
           SELECT coalesce(jsonb_object_agg(k, t.before -> k), '{}') FROM jsonb_object_keys(t.before || t.after) k
           WHERE k = ANY (${columns})))
         ORDER BY t.seq DESC, t.entity, t.id) FROM touched t) AS revisions,
      (SELECT json_object_agg(n.id, ${standing('n')}) FROM sessions n
       WHERE n.id IN (
         SELECT id FROM touched WHERE entity = 'session'
         UNION SELECT w.id FROM sessions w WHERE w.event_id = e.id
           AND w.room_id IN (SELECT id FROM touched WHERE entity = 'room' AND (before || after) ? 'deleted_at')
       )) AS sessions,
      (SELECT json_object_agg(n.id, json_build_object('name', n.name, 'deleted_at', n.deleted_at))
       FROM rooms n WHERE n.event_id = e.id) AS rooms
    FROM e JOIN events ev ON ev.id = e.id`
  if (row === undefined) return null
  const { eventId: id, name, timeZone, createdAt } = row
  return { event: { id, name, timeZone, createdAt }, commits: commitsOf(row) }
}

/** From what is now back to what was, commit by commit. */
function commitsOf(row: RecentRow): CommitNews[] {
  const sessions = new Map<string, Standing | null>(Object.entries(row.sessions ?? {}))
  const rooms = new Map<string, Room | null>(Object.entries(row.rooms ?? {}))
  const told: CommitNews[] = []
  let { isPublished } = row
  for (const revisions of byCommit(row.revisions ?? [])) {
    const turned = revisions.find(({ entity }) => entity === 'event')
    // What was changed while the event was hidden isn't told once it is shown.
    const sight = { ...row, isPublished: isPublished && turned === undefined }
    isPublished = turned?.wasShown ?? isPublished
    const after = { sessions: new Map<string, Standing | null>(), rooms: new Map<string, Room | null>() }
    for (const { entity, id, isNew, former } of revisions) {
      if (entity === 'event') continue
      const states: Map<string, object | null> = entity === 'session' ? sessions : rooms
      const statesAfter: Map<string, object | null> = entity === 'session' ? after.sessions : after.rooms
      const state = states.get(id) ?? null
      if (!statesAfter.has(id)) statesAfter.set(id, state)
      states.set(id, isNew || state === null ? null : { ...state, ...former })
    }
    // Who stands in a room that is deleted, or comes back, is elsewhere by that alone.
    const turnedRooms = revisions.filter(({ entity, former }) => entity === 'room' && 'deleted_at' in former)
    const turnedIds = new Set(turnedRooms.map(({ id }) => id))
    for (const [id, state] of sessions) {
      if (turnedIds.has(state?.room_id ?? '') && !after.sessions.has(id)) after.sessions.set(id, state)
    }
    const namesBefore = namesOf((id) => rooms.get(id))
    const namesAfter = namesOf((id) => (after.rooms.has(id) ? after.rooms.get(id) : rooms.get(id)))
    const news = [...after.sessions].flatMap(([id, standingAfter]) => {
      const before = { standing: sessions.get(id) ?? null, rooms: namesBefore }
      return newsOf(id, { before, after: { standing: standingAfter, rooms: namesAfter } }, sight) ?? []
    })
    const renamed = [...after.rooms.keys()].flatMap((id) => {
      const [from, to] = [namesBefore.get(id), namesAfter.get(id)]
      return from === undefined || to === undefined || from === to ? [] : [{ from, to }]
    })
    const { token, at, isTold } = revisions[0]!
    if (isTold && news.length + renamed.length > 0) {
      told.push({ token, committedAt: new Date(at), sessions: news, rooms: renamed })
    }
    if (told.length === mostTold) break
  }
  return told
}

/** Those of each commit. The last one may not be whole, so that it is told only if it is the only one. */
function byCommit(revisions: readonly Revision[]): Revision[][] {
  const bySeq = new Map<string, Revision[]>()
  for (const revision of revisions) bySeq.set(revision.seq, [...(bySeq.get(revision.seq) ?? []), revision])
  const commits = [...bySeq.values()]
  return revisions.length < mostRevisions || commits.length === 1 ? commits : commits.slice(0, -1)
}

/** Looked up one by one: an event has many rooms, and a commit touches few. */
function namesOf(roomOf: (id: string) => Room | null | undefined): RoomNames {
  const nameOf = (id: string) => {
    const room = roomOf(id) ?? null
    return room === null || room.deleted_at !== null ? undefined : room.name
  }
  return { get: nameOf, has: (id) => nameOf(id) !== undefined }
}
