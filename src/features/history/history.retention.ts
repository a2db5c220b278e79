import { requireOperator } from '../../access/may.ts'
import { type Context, inTransaction } from '../../context.ts'
import { notFound } from '../../errors.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import { eventLedToBy } from '../event/event.list.ts'

/** What a prune is to take. */
export interface PruneScope {
  /** Revisions from this instant on are kept. */
  readonly before: Date
  /** null: of every event. */
  readonly eventSlug: string | null
}

/** What a prune takes, or took, of one kind of thing. */
export interface PrunedKind {
  readonly entity: string
  /** How many revisions go. */
  readonly revisions: number
  /** How many things they belong to. */
  readonly things: number
  readonly oldest: Date
  readonly newest: Date
}

/**
 * What `prune` would take away.
 *
 * @throws NOT_FOUND for the event
 */
export async function planPrune(ctx: Context, scope: PruneScope): Promise<PrunedKind[]> {
  requireOperator(ctx.viewer)
  const within = await scopeOf(ctx, scope)
  return ctx.db.$queryRaw<PrunedKind[]>`
    SELECT entity::text, count(*)::integer AS revisions, count(DISTINCT entity_id)::integer AS things,
           min(recorded_at) AS oldest, max(recorded_at) AS newest
    FROM (${superseded(within)}) gone GROUP BY gone.entity ORDER BY gone.entity`
}

/**
 * Takes away the revisions that are older than an instant. What they told together becomes the beginning of each
 * history: every state from the last of them on can still be read, those before it can't. A commit of which a revision is
 * gone can't be told any more: it and what comes before it go, too, but for the last one, and the last one that the public
 * sees. Those stay as places without a change, where feeds that stood there go on.
 *
 * @returns what was taken, by kind
 * @throws NOT_FOUND for the event
 */
export async function prune(ctx: Context, scope: PruneScope): Promise<PrunedKind[]> {
  return inTransaction(
    ctx,
    async (tx) => {
      const plan = await planPrune(tx, scope)
      if (plan.length === 0) return plan
      const within = await scopeOf(tx, scope)
      await allowMaintenance(tx)
      await tx.db.$executeRaw`
        WITH gone AS (${superseded(within)}),
        bases AS (
          SELECT DISTINCT ON (entity, entity_id) entity, entity_id, version FROM revisions r
          WHERE ${within} AND (entity, entity_id) IN (SELECT entity, entity_id FROM gone)
          ORDER BY entity, entity_id, version DESC
        ),
        newest_values AS (
          SELECT DISTINCT ON (r.entity, r.entity_id, key) r.entity, r.entity_id, key, value
          FROM revisions r JOIN bases USING (entity, entity_id), jsonb_each(r.after)
          WHERE r.version <= bases.version
          ORDER BY r.entity, r.entity_id, key, r.version DESC
        ),
        folded AS (
          SELECT entity, entity_id, jsonb_object_agg(key, value) FILTER (WHERE value <> 'null') AS all_values
          FROM newest_values GROUP BY entity, entity_id
        )
        UPDATE revisions r SET before = '{}', after = coalesce(f.all_values, '{}')
        FROM bases b JOIN folded f USING (entity, entity_id)
        WHERE r.entity = b.entity AND r.entity_id = b.entity_id AND r.version = b.version`
      await tx.db.$executeRaw`
        WITH gone AS (
          DELETE FROM revisions WHERE (entity, entity_id, version) IN (
            SELECT entity, entity_id, version FROM (${superseded(within)}) gone
          ) RETURNING event_id, change
        ),
        horizons AS (
          SELECT event_id, max(c.seq) AS seq FROM gone JOIN programme_commits c USING (event_id, change) GROUP BY event_id
        ),
        marks AS (
          SELECT h.event_id, h.seq AS horizon, (
            SELECT max(p.seq) FROM programme_commits p WHERE p.event_id = h.event_id AND p.seq <= h.seq AND p.is_public
          ) AS newest_public FROM horizons h
        ),
        kept AS (
          UPDATE programme_commits c SET change = NULL FROM marks m
          WHERE c.event_id = m.event_id AND c.seq IN (m.horizon, m.newest_public)
        )
        DELETE FROM programme_commits c USING marks m
        WHERE c.event_id = m.event_id AND c.seq < m.horizon AND c.seq IS DISTINCT FROM m.newest_public`
      return plan
    },
    { timeout: 600_000 },
  )
}

/** For this transaction, lets history be written by others than its triggers. */
export async function allowMaintenance({ db }: Context): Promise<void> {
  await db.$executeRaw`SELECT set_config('open_event.history_maintenance', 'on', true)`
}

/** The old revisions that a later old one of the same thing follows. */
function superseded(within: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    SELECT entity, entity_id, version, recorded_at FROM (
      SELECT r.*, lead(version) OVER (PARTITION BY entity, entity_id ORDER BY version) AS next
      FROM revisions r WHERE ${within}
    ) old WHERE next IS NOT NULL`
}

async function scopeOf({ db }: Context, { before, eventSlug }: PruneScope): Promise<Prisma.Sql> {
  if (eventSlug === null) return Prisma.sql`r.recorded_at < ${before}`
  const event = await eventLedToBy(db, eventSlug, { id: true })
  if (event === null) throw notFound('event', eventSlug)
  return Prisma.sql`r.recorded_at < ${before} AND r.event_id = ${event.id}::uuid`
}
