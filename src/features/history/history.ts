import type { Context } from '../../context.ts'
import type { ActorKind } from '../../generated/graphql.ts'
import { Prisma, type RevisedEntity, type RevisionOperation } from '../../generated/prisma/client.ts'
import { numbersBetween } from '../../keyset.ts'
import { type List, type Page } from '../../paging.ts'
import { tableOf } from '../tables.ts'
import { changesOf, type ColumnChange, isBaseline, type Values } from './history.rules.ts'

/** One committed change. */
export interface RevisionRow {
  /** Of what was changed. */
  readonly id: string
  readonly version: number
  readonly recordedAt: Date
  readonly operation: RevisionOperation
  readonly actor: {
    readonly kind: ActorKind
    readonly id: string | null
    readonly label: string | null
  } | null
  readonly requestId: string | null
  readonly isBaseline: boolean
  readonly changes: ColumnChange[]
}

/** The history of one kind of things, newest first. */
export function historyList(entity: RevisedEntity): List<'VERSION'> {
  return {
    name: `${entity}.history`,
    columns: { VERSION: { name: 'version', holds: 'integer', nullable: false } },
    unlessSaid: { first: 20, order: { field: 'VERSION', direction: 'DESC' } },
  }
}

interface StoredRevision extends Omit<RevisionRow, 'actor' | 'changes' | 'isBaseline' | 'operation'> {
  readonly operation: string
  readonly actor: string | null
  readonly label: string | null
  readonly before: Values
  readonly after: Values
}

/**
 * One page of the history of each of these things of one kind, by id, with the revision that tells whether another page follows.
 * One statement for all of them. Whether the viewer may read them is the caller's to ask.
 */
export async function revisionsOf(
  ctx: Context,
  entity: RevisedEntity,
  ids: readonly string[],
  page: Page,
): Promise<Map<string, RevisionRow[]>> {
  const { after, before } = numbersBetween(page)
  // The newest come first, so that what comes after has a lower version.
  const direction = Prisma.raw(page.from === 'start' ? 'DESC' : 'ASC')
  const rows = await ctx.db.$queryRaw<StoredRevision[]>`
    SELECT r.entity_id AS id, r.version, r.recorded_at AS "recordedAt", r.operation::text, r.actor,
           r.request_id AS "requestId", r.before, r.after, coalesce(t.label, u.name) AS label
    FROM unnest(${[...ids]}::uuid[]) AS s(id)
    CROSS JOIN LATERAL (
      SELECT * FROM revisions
      WHERE entity = ${entity.toLowerCase()}::revised_entity AND entity_id = s.id
        AND version < coalesce(${after}::integer, 2147483647) AND version > coalesce(${before}::integer, 0)
      ORDER BY version ${direction} LIMIT ${page.size + 1}
    ) r
    LEFT JOIN access_tokens t ON r.actor = 'token:' || t.id
    LEFT JOIN users u ON r.actor = 'user:' || u.id
    ORDER BY r.entity_id, r.version ${direction}`
  const byId = new Map(ids.map((id): [string, RevisionRow[]] => [id, []]))
  for (const row of rows) byId.get(row.id)?.push(revisionOf(row))
  return byId
}

/** How many revisions each of these things of one kind has, by id. */
export async function countRevisions(
  ctx: Context,
  entity: RevisedEntity,
  ids: readonly string[],
): Promise<Map<string, number>> {
  const counts = await ctx.db.revision.groupBy({
    by: ['entityId'],
    where: { entity, entityId: { in: [...ids] } },
    _count: true,
  })
  return new Map(counts.map(({ entityId, _count }) => [entityId, _count]))
}

/** What a row was, by column, as the revisions say. */
export interface PastRow {
  readonly entity: Lowercase<RevisedEntity>
  readonly id: string
  readonly eventId: string
  readonly version: number
  readonly createdAt: Date
  readonly lastModifiedAt: Date
  readonly values: Values
}

/**
 * What rows of one kind were at an instant. A row whose history begins later, or that is gone, isn't given.
 *
 * @param moment null: whenever; then `lastVersion` says which version
 */
export function pastRows(
  entity: Lowercase<RevisedEntity>,
  ids: readonly string[],
  { moment = null, lastVersion = null }: { moment?: Date | null; lastVersion?: number | null },
): Prisma.Sql {
  const table = tableOf(entity)
  return Prisma.sql`
    SELECT ${entity} AS entity, p.id, p.event_id AS "eventId", p.version,
           coalesce(t.created_at, (SELECT min(recorded_at) FROM revisions r
                                   WHERE r.entity = ${entity}::revised_entity AND r.entity_id = p.id)) AS "createdAt",
           p.last_modified_at AS "lastModifiedAt", p.row_values AS values
    FROM rows_as_of(${entity}::revised_entity, ${[...ids]}::uuid[], coalesce(${moment}::timestamptz, 'infinity'),
                    coalesce(${lastVersion}::integer, 2147483647)) p
    LEFT JOIN ${table} t ON t.id = p.id`
}

/** Runs what `pastRows` made, several of them in one statement. */
export async function readPast({ db }: Context, parts: readonly Prisma.Sql[]): Promise<PastRow[]> {
  return db.$queryRaw<PastRow[]>(Prisma.join([...parts], ' UNION ALL '))
}

function revisionOf({ actor, label, before, after, operation, ...row }: StoredRevision): RevisionRow {
  return {
    ...row,
    operation: operation.toUpperCase() as RevisionOperation,
    actor: actor === null ? null : actorOf(actor, label),
    isBaseline: isBaseline({ before, after }),
    changes: changesOf(before, after),
  }
}

/** The reverse of `actorName`. */
function actorOf(name: string, label: string | null): NonNullable<RevisionRow['actor']> {
  const [, kind, id] = /^(token|user):(.+)$/.exec(name) ?? []
  if (kind === undefined || id === undefined) return { kind: 'OPERATOR', id: null, label }
  return { kind: kind === 'token' ? 'TOKEN' : 'USER', id, label }
}
