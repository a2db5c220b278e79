import { may, refusal } from '../../access/may.ts'
import type { Permission } from '../../access/permissions.ts'
import type { Context } from '../../context.ts'
import type { EventDeletedPartsArgs } from '../../generated/graphql.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import { firstUpTo } from '../../paging.ts'
import type { PartEntity } from './part.rules.ts'
import { tableOf } from '../tables.ts'

/** As much of a deleted part as it takes to choose and restore it. */
export interface DeletedPartRow {
  readonly eventId: string
  readonly kind: PartEntity
  readonly id: string
  readonly name: string
  readonly deletedAt: Date
  readonly version: number
}

export interface DeletedPartsFilter {
  readonly kinds: readonly PartEntity[]
  readonly first: number
}

/** What it takes to restore one of each kind. */
const restoring: Record<PartEntity, Permission> = {
  TRACK: 'programme:edit',
  ROOM: 'programme:edit',
  SESSION_TYPE: 'programme:edit',
  BREAK: 'programme:edit',
  SPEAKER: 'speaker:manage',
}

const mostDeleted = 1000

/** @throws BAD_USER_INPUT where `first` can't be */
export function parseDeletedPartsFilter({ kinds, first }: EventDeletedPartsArgs): DeletedPartsFilter {
  const all = Object.keys(restoring) as PartEntity[]
  return { first: firstUpTo(first, mostDeleted), kinds: all.filter((kind) => kinds?.includes(kind) ?? true) }
}

/** @throws UNAUTHENTICATED or FORBIDDEN where the viewer could restore nothing at all there */
export function requireMayRestore({ viewer }: Context, eventId: string): void {
  if (!Object.values(restoring).some((permission) => may(viewer, permission, { eventId }))) {
    throw refusal(viewer, 'programme:edit')
  }
}

/**
 * What of these events is deleted and the viewer may restore, by event, the latest first. One statement.
 *
 * Speakers who were erased aren't given: nothing brings them back.
 */
export async function deletedPartsOf(
  { db, viewer }: Context,
  eventIds: readonly string[],
  { kinds, first }: DeletedPartsFilter,
): Promise<Map<string, DeletedPartRow[]>> {
  const byId = new Map(eventIds.map((id): [string, DeletedPartRow[]] => [id, []]))
  const selects = kinds.map((kind) => {
    const ids = eventIds.filter((eventId) => may(viewer, restoring[kind], { eventId }))
    return Prisma.sql`
      SELECT p.event_id AS "eventId", ${kind}::text AS kind, p.id, p.name, p.deleted_at AS "deletedAt", p.version
      FROM ${tableOf(kind)} p
      WHERE p.event_id = e.id AND p.event_id = ANY (${ids}::uuid[]) AND p.deleted_at IS NOT NULL
        ${kind === 'SPEAKER' ? Prisma.sql`AND p.erased_at IS NULL` : Prisma.empty}`
  })
  if (selects.length === 0) return byId
  const rows = await db.$queryRaw<DeletedPartRow[]>`
    SELECT d.* FROM unnest(${[...eventIds]}::uuid[]) AS e(id) CROSS JOIN LATERAL (
      ${Prisma.join(selects, ' UNION ALL ')}
      ORDER BY "deletedAt" DESC, id LIMIT ${first}
    ) d
    ORDER BY d."deletedAt" DESC, d.id`
  for (const row of rows) byId.get(row.eventId)?.push(row)
  return byId
}
