import { asRows } from './as-rows.ts'
import type { Select } from './merge.ts'

/** The arguments of a Prisma `findMany` that `rowsById` makes. */
interface ByIds {
  where: { id: { in: string[] } }
  orderBy: { id: 'asc' }
  select: Select
}

/**
 * The selected values of rows that the viewer is known to see, by id. One statement.
 *
 * @param find a model's `findMany`: `(args) => db.track.findMany(args)`
 */
export async function rowsById<Row extends { readonly id: string }>(
  find: (args: ByIds) => Promise<readonly object[]>,
  ids: readonly string[],
  select: Select,
): Promise<Map<string, Row>> {
  const found = await find({
    where: { id: { in: [...ids] } },
    orderBy: { id: 'asc' },
    select: { ...select, id: true },
  })
  return new Map(asRows<Row>(found).map((row) => [row.id, row]))
}
