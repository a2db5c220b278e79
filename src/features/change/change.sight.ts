import { createHash } from 'node:crypto'
import { reachOf } from '../../access/may.ts'
import { userIdOf, type Viewer } from '../../access/viewer.ts'
import { assertNever } from '../../errors.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import { insideOf } from './change.rules.ts'
import type { Entity } from '../node/node.compiled.ts'

/**
 * The event, as the table expression `e` of one row, with how far the viewer sees into it; no row if the viewer may not see
 * it. `rights` says all of that in words: who sees something else has other ones.
 */
export function viewedEvent(viewer: Viewer, slug: string): Prisma.Sql {
  const sessions = reachOf(viewer, 'session:read')
  const speakers = reachOf(viewer, 'speaker:read')
  const drafts = reachOf(viewer, 'event:read')
  const insider = insideOf(viewer)
  const own = (speaksAt: readonly string[]) => Prisma.sql`(
    SELECT p.id FROM speakers p WHERE p.event_id = ev.id AND p.user_id = ${userIdOf(viewer)}::uuid AND p.deleted_at IS NULL
      AND ev.id = ANY (${[...speaksAt]}::uuid[]))`
  return Prisma.sql`e AS MATERIALIZED (
    SELECT *, concat_ws(' ', all_sessions, all_speakers, as_public, coalesce(own_in_sessions::text, '-'), own_speaker) AS rights
    FROM (
      SELECT ev.id, ev.state = 'published' AS is_published,
             ${sessions.everywhere} OR ev.id = ANY (${[...sessions.eventIds]}::uuid[]) AS all_sessions,
             ${speakers.everywhere} OR ev.id = ANY (${[...speakers.eventIds]}::uuid[]) AS all_speakers,
             ${own(sessions.speaksAt)} AS own_in_sessions, ${own(speakers.speaksAt)} AS own_speaker,
             NOT (${insider.everywhere} OR ev.id = ANY (${[...insider.eventIds]}::uuid[])) AS as_public
      FROM events ev
      WHERE (ev.slug = ${slug} OR ev.former_slugs @> ARRAY[${slug}]) AND ev.deleted_at IS NULL
        AND (ev.state = 'published' OR ${drafts.everywhere} OR ev.id = ANY (${[...drafts.eventIds]}::uuid[]))
    ) viewed
  )`
}

/** The rights as a cursor holds them. */
export function rightsWord(rights: string): string {
  return createHash('sha256').update(rights).digest('base64url').slice(0, 12)
}

/** Whether the viewer of `e` sees a row, as the lists of the API do; of a table's alias. */
export function seesRow(entity: Entity, alias: string): Prisma.Sql {
  const at = (column: string) => Prisma.raw(`${alias}.${column}`)
  const isThere = Prisma.sql`${at('deleted_at')} IS NULL`
  switch (entity) {
    case 'event':
      return Prisma.sql`true`
    case 'session':
      return Prisma.sql`${isThere} AND (e.all_sessions OR e.own_in_sessions = ANY (${at('speaker_ids')})
        OR (e.is_published AND ${at('state')} IN ('accepted', 'confirmed')))`
    case 'speaker':
      return Prisma.sql`${isThere} AND (e.all_speakers OR ${at('id')} = e.own_speaker OR ${speaksInSight(at('id'))})`
    case 'break':
      return Prisma.sql`${isThere} AND NOT EXISTS (
        SELECT FROM rooms gone WHERE gone.id = ${at('room_id')} AND gone.deleted_at IS NOT NULL)`
    case 'track':
    case 'room':
    case 'session_type':
      return isThere
    default:
      return assertNever(entity)
  }
}

/** Whether somebody speaks in a session that the viewer of `e` sees. */
function speaksInSight(id: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`EXISTS (
    SELECT FROM session_speakers k JOIN sessions o ON o.id = k.session_id
    WHERE k.event_id = e.id AND k.speaker_id = ${id} AND ${seesRow('session', 'o')})`
}

/**
 * Whether a revision `r` is one to tell the viewer of `e` of: the row was, or is, one that they see. A speaker is told of
 * for the sessions that they see now; what a session that comes or goes does to its speakers is told with the session.
 */
export function tellsOf(entity: Prisma.Sql): Prisma.Sql {
  const lists = Prisma.sql`ARRAY[r.before -> 'speaker_ids', r.after -> 'speaker_ids',
    (SELECT to_jsonb(o.speaker_ids) FROM sessions o WHERE o.id = r.entity_id)]`
  return Prisma.sql`CASE ${entity}
    WHEN 'event' THEN true
    WHEN 'session' THEN e.all_sessions OR (e.is_published AND (r.was_shown OR r.is_shown))
      OR (e.own_in_sessions IS NOT NULL AND EXISTS (
        SELECT FROM unnest(${lists}) AS list WHERE list ? e.own_in_sessions::text))
    WHEN 'speaker' THEN (r.was_shown OR r.is_shown)
      AND (e.all_speakers OR r.entity_id = e.own_speaker OR ${speaksInSight(Prisma.sql`r.entity_id`)})
    ELSE r.was_shown OR r.is_shown
  END`
}

/** Of the event `e` that `viewedEvent` gives. */
export const theEvent = Prisma.sql`(SELECT id FROM e)`

/** Whether its viewer is told no more than the public. */
export const asPublic = Prisma.sql`(SELECT as_public FROM e)`

/** The last commit of the event `e` that its viewer is told of. In two branches, so that each is found by its own index. */
export function newestCommit(): Prisma.Sql {
  const newest = (condition: Prisma.Sql) => Prisma.sql`(
    SELECT seq, token, committed_at FROM programme_commits
    WHERE event_id = ${theEvent} AND ${condition} ORDER BY seq DESC LIMIT 1)`
  return Prisma.sql`${newest(Prisma.sql`${asPublic} AND is_public`)} UNION ALL ${newest(Prisma.sql`NOT ${asPublic}`)}`
}
