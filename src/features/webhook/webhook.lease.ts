import type { Context } from '../../context.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import { isOver } from './webhook.life.ts'

/**
 * How long a server keeps others from its webhooks, in milliseconds; it says so anew each second. One that died keeps them
 * only if PostgreSQL doesn't learn of it, as when its whole machine is cut off.
 */
export const lease = 4_000

const leaseEnd = Prisma.sql`clock_timestamp() + ${lease} * interval '1 millisecond'`
const isFree = Prisma.sql`
  CASE WHEN w.writer IS NULL OR w.writer_until < clock_timestamp() THEN true ELSE ${isOver(Prisma.sql`w.writer`)} END`

/** A webhook that a server has taken. */
export interface TakenWebhook {
  readonly id: string
  readonly eventId: string
}

/** Takes some of the webhooks that have something to be told and that no other server writes to. One statement. */
export async function take({ db }: Context, writer: string): Promise<TakenWebhook[]> {
  return db.$queryRaw<TakenWebhook[]>`
    UPDATE webhooks SET writer = ${writer}::uuid, writer_until = ${leaseEnd} WHERE id IN (
      SELECT w.id FROM webhooks w
      WHERE w.state = 'active' AND ${isFree} AND (w.rests_until IS NULL OR w.rests_until <= clock_timestamp()) AND (
        EXISTS (SELECT FROM webhook_deliveries d
                WHERE d.webhook_id = w.id AND d.state = 'pending' AND d.next_try_at <= clock_timestamp())
        OR EXISTS (SELECT FROM webhook_cursors c WHERE c.webhook_id = w.id AND (c.until_seq IS NOT NULL OR EXISTS (
                     SELECT FROM programme_commits p WHERE p.event_id = w.event_id AND p.seq > c.seq)))
      )
      ORDER BY w.id LIMIT 4 FOR UPDATE SKIP LOCKED
    ) RETURNING id, event_id AS "eventId"`
}

/** Keeps what the server has taken. @returns the ids of those that it still has */
export async function keep({ db }: Context, writer: string): Promise<Set<string>> {
  const rows = await db.$queryRaw<{ id: string }[]>`
    UPDATE webhooks SET writer_until = ${leaseEnd} WHERE writer = ${writer}::uuid AND writer_until >= clock_timestamp()
    RETURNING id`
  return new Set(rows.map(({ id }) => id))
}

/** Lets others have a webhook. */
export async function release({ db }: Context, id: string, writer: string): Promise<void> {
  await db.$executeRaw`
    UPDATE webhooks SET writer = NULL, writer_until = NULL WHERE id = ${id}::uuid AND writer = ${writer}::uuid`
}

/** The events that have webhooks which are told. */
export async function toldEvents({ db }: Context): Promise<string[]> {
  const rows = await db.$queryRaw<
    { id: string }[]
  >`SELECT DISTINCT event_id AS id FROM webhooks WHERE state = 'active'`
  return rows.map(({ id }) => id)
}
