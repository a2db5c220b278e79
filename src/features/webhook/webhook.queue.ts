import type { Context } from '../../context.ts'
import { newId } from '../../database/new-id.ts'
import { Prisma, type WebhookMessage } from '../../generated/prisma/client.ts'
import type { FeedPlace } from '../change/change.list.ts'
import { bounds, type NotedMessage, noticeOf } from './webhook.rules.ts'

/** A webhook as its writer needs it. */
export interface ToldWebhook {
  readonly id: string
  readonly url: string
  readonly entities: readonly string[]
  /** By what messages are signed. */
  readonly keys: readonly Uint8Array[]
  readonly userId: string | null
  readonly tokenId: string | null
  readonly failures: number
  readonly rests: boolean
  readonly waiting: number
  readonly event: { readonly id: string; readonly slug: string }
  readonly cursors: readonly DeliveryCursor[]
}

export interface DeliveryCursor {
  readonly id: string
  readonly place: FeedPlace
  /** null: it has no end. */
  readonly untilSeq: bigint | null
}

/** What a writer has to know of its webhook; null if it is another one's by now, or isn't told any more. */
export async function readTaken({ db }: Context, id: string, writer: string): Promise<ToldWebhook | null> {
  const [row] = await db.$queryRaw<
    (Omit<ToldWebhook, 'keys' | 'event' | 'cursors'> & {
      key: Uint8Array
      formerKey: Uint8Array | null
      eventId: string
      slug: string
      cursors: {
        id: string
        seq: string
        token: string | null
        inside: string | null
        until: string | null
      }[]
    })[]
  >`
    SELECT w.id, w.url, w.entities::text[], w.key, w.user_id AS "userId", w.token_id AS "tokenId", w.failures,
           CASE WHEN w.former_key_until > clock_timestamp() THEN w.former_key END AS "formerKey",
           coalesce(w.rests_until > clock_timestamp(), false) AS rests, e.id AS "eventId", e.slug,
           (SELECT count(*)::integer FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.state = 'pending') AS waiting,
           (SELECT json_agg(json_build_object(
              'id', c.id, 'seq', c.seq::text, 'token', c.token, 'inside', c.inside, 'until', c.until_seq::text) ORDER BY c.id)
            FROM webhook_cursors c WHERE c.webhook_id = w.id) AS cursors
    FROM webhooks w JOIN events e ON e.id = w.event_id
    WHERE w.id = ${id}::uuid AND w.state = 'active' AND w.writer = ${writer}::uuid AND w.writer_until >= clock_timestamp()`
  if (row === undefined) return null
  const { key, formerKey, eventId, slug, cursors, ...rest } = row
  return {
    ...rest,
    keys: formerKey === null ? [key] : [key, formerKey],
    event: { id: eventId, slug },
    cursors: cursors.map(({ id, seq, token, inside, until }) => ({
      id,
      place: { seq: BigInt(seq), token, inside: insideFrom(inside) },
      untilSeq: until === null ? null : BigInt(until),
    })),
  }
}

/** Notes what is to be sent, behind what waits already: what is behind a message that waits for its next try waits, too.
 * @returns the ids of the deliveries */
export async function note(
  { db }: Context,
  webhookId: string,
  messages: readonly NotedMessage[],
): Promise<string[]> {
  const rows = await db.$queryRaw<{ id: string }[]>`${noting(webhookId, messages)} RETURNING id`
  return rows.map(({ id }) => id)
}

/**
 * Moves a cursor, and notes what it passes: both or nothing. Does nothing if somebody else has moved it, or if the webhook
 * isn't told any more: what is committed after a webhook was paused is not noted.
 *
 * @param to null: the cursor has come to its end
 */
export async function advance(
  { db }: Context,
  { webhookId, cursor, to }: { webhookId: string; cursor: DeliveryCursor; to: FeedPlace | null },
  messages: readonly NotedMessage[],
): Promise<void> {
  const { seq, token, inside } = cursor.place
  const isHere = Prisma.sql`id = ${cursor.id}::uuid AND seq = ${seq} AND token IS NOT DISTINCT FROM ${token}::uuid
    AND inside IS NOT DISTINCT FROM ${insideText(inside)} AND EXISTS (SELECT FROM told)`
  const told = Prisma.sql`told AS (SELECT FROM webhooks WHERE id = ${webhookId}::uuid AND state = 'active' FOR SHARE)`
  const moved =
    to === null
      ? Prisma.sql`DELETE FROM webhook_cursors WHERE ${isHere} RETURNING id`
      : Prisma.sql`
          UPDATE webhook_cursors SET seq = ${to.seq}, token = ${to.token}::uuid, inside = ${insideText(to.inside)}
          WHERE ${isHere} RETURNING id`
  if (messages.length === 0) await db.$executeRaw`WITH ${told} ${moved}`
  else {
    await db.$executeRaw`
      WITH ${told}, moved AS (${moved}) ${noting(webhookId, messages, Prisma.sql`WHERE EXISTS (SELECT FROM moved)`)}`
  }
}

function noting(webhookId: string, messages: readonly NotedMessage[], condition = Prisma.empty): Prisma.Sql {
  const rows = messages.map((message, index) => ({
    ...{ id: newId(index), index, lane: message.lane, message_id: message.messageId },
    ...{ message: message.message.toLowerCase(), entity: message.entity },
    ...{ operation: message.operation?.toLowerCase() ?? null, entity_version: message.entityVersion },
    committed_at: message.committedAt,
  }))
  return Prisma.sql`
    INSERT INTO webhook_deliveries (id, webhook_id, lane, message_id, message, entity, operation, entity_version,
                                    committed_at, next_try_at)
    SELECT n.id, ${webhookId}::uuid, n.lane, n.message_id, n.message, n.entity, n.operation, n.entity_version, n.committed_at,
           coalesce((SELECT max(w.next_try_at) FROM webhook_deliveries w
                     WHERE w.webhook_id = ${webhookId}::uuid AND w.lane = n.lane AND w.state = 'pending'), clock_timestamp())
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS n(
      id uuid, index integer, lane uuid, message_id text, message webhook_message, entity revised_entity,
      operation revision_operation, entity_version integer, committed_at timestamptz)
    ${condition} ORDER BY n.index`
}

/** A message that is to be sent now. */
export interface DueMessage extends NotedMessage {
  readonly id: string
  readonly tries: number
}

/**
 * The first message of each lane, if its time has come; none of a webhook that isn't told any more. All that waits is
 * looked at once: asked for each message whether another one stands before it, PostgreSQL compares all with all as long as
 * it takes them for few.
 *
 * @param except the lanes that one is under way of
 */
export async function due(
  { db }: Context,
  webhookId: string,
  except: readonly string[],
  most: number,
): Promise<DueMessage[]> {
  const rows = await db.$queryRaw<(Omit<DueMessage, 'message'> & { message: string })[]>`
    SELECT id, lane, message_id AS "messageId", message, entity, upper(operation::text) AS operation,
           entity_version AS "entityVersion", committed_at AS "committedAt", tries
    FROM (
      SELECT DISTINCT ON (lane) * FROM webhook_deliveries
      WHERE webhook_id = ${webhookId}::uuid AND state = 'pending' ORDER BY lane, place
    ) first
    WHERE EXISTS (SELECT FROM webhooks WHERE id = ${webhookId}::uuid AND state = 'active')
      AND next_try_at <= clock_timestamp() AND lane <> ALL (${[...except]}::uuid[])
    ORDER BY place LIMIT ${most}`
  return rows.map((row) => ({ ...row, message: row.message.toUpperCase() as WebhookMessage }))
}

/** What came of one try. */
export interface Settled {
  readonly id: string
  readonly lane: string
  readonly state: 'pending' | 'delivered' | 'failed'
  /** Of a message that is to be tried again: when. */
  readonly nextTryAt: Date | null
  readonly request: string
  readonly status: number | null
  readonly answer: string | null
  readonly fault: string | null
}

/** Writes down what came of tries. What waits behind a message that failed waits with it. */
export async function settle(
  { db, clock }: Context,
  webhookId: string,
  tries: readonly Settled[],
): Promise<void> {
  if (tries.length === 0) return
  const json = JSON.stringify(
    tries.map(({ nextTryAt, request, ...rest }) => ({
      ...rest,
      next_try_at: nextTryAt,
      request: request.slice(0, bounds.request).toWellFormed(),
    })),
  )
  const rows = Prisma.sql`jsonb_to_recordset(${json}::jsonb) AS r(
    id uuid, lane uuid, state delivery_state, next_try_at timestamptz, request text, status integer, answer text, fault text)`
  if (tries.some(({ state }) => state === 'pending')) {
    await db.$executeRaw`
      UPDATE webhook_deliveries d SET next_try_at = r.next_try_at FROM ${rows}
      WHERE r.state = 'pending' AND d.webhook_id = ${webhookId}::uuid AND d.lane = r.lane AND d.state = 'pending'`
  }
  await db.$executeRaw`
    UPDATE webhook_deliveries d
    SET state = r.state, tries = d.tries + 1, last_tried_at = ${clock()}, next_try_at = coalesce(r.next_try_at, d.next_try_at),
        request = r.request, response_status = r.status, response = r.answer, fault = r.fault
    FROM ${rows}
    -- By the index: the planner takes what JSON holds for a hundred rows, and would read all deliveries.
    WHERE d.id = ANY (${tries.map(({ id }) => id)}::uuid[]) AND d.id = r.id AND d.state = 'pending'`
}

/** Says how a webhook's receiver does. @param restsUntil until when it wants to be left alone; null: it doesn't */
export async function noteHealth(
  { db }: Context,
  webhookId: string,
  { failures, restsUntil }: { failures: number; restsUntil: Date | null },
): Promise<void> {
  await db.$executeRaw`
    UPDATE webhooks SET failures = ${failures}, rests_until = ${restsUntil} WHERE id = ${webhookId}::uuid`
}

/** Stops a webhook, and notes a message that says so. @returns that message; null if it is stopped already */
export async function stop({ db }: Context, webhookId: string, reason: string): Promise<NotedMessage | null> {
  const stopped = await db.$executeRaw`
    UPDATE webhooks SET state = 'stopped', stop_reason = ${reason} WHERE id = ${webhookId}::uuid AND state = 'active'`
  return stopped === 0 ? null : noticeOf(webhookId, 'STOP', reason)
}

/** Forgets what was settled long ago; some of it at a time. */
export async function sweep({ db, clock }: Context): Promise<void> {
  await db.$executeRaw`
    DELETE FROM webhook_deliveries WHERE id IN (
      SELECT id FROM webhook_deliveries
      WHERE state <> 'pending' AND last_tried_at < ${new Date(clock().getTime() - bounds.kept)} LIMIT 5000)`
}

function insideText(inside: FeedPlace['inside']): string | null {
  return inside?.of === 'commit' ? `${inside.entity} ${inside.id} ${inside.version}` : null
}

function insideFrom(text: string | null): FeedPlace['inside'] {
  if (text === null) return null
  const [entity = '', id = '', version] = text.split(' ')
  return { of: 'commit', entity, id, version: Number(version) }
}
