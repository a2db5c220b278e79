import type { Page, Position } from './paging.ts'

/**
 * The Prisma arguments of a page by keyset: where the rows between its cursors are, in which order, and one row more
 * than asked for, which tells whether there are more. Rows that come and go in between move no page. A page from the end
 * is read backwards; `connectionOf` turns it around.
 */
export function keysetPage(page: Page) {
  const { column, order, from, size, after, before } = page
  const isAscending = (order.direction === 'ASC') === (from === 'start')
  const direction = isAscending ? ('asc' as const) : ('desc' as const)
  const nulls = from === 'start' ? ('last' as const) : ('first' as const)
  const bounds = [
    ...(after === null ? [] : [rowsBeyond(page, after, 'later')]),
    ...(before === null ? [] : [rowsBeyond(page, before, 'earlier')]),
  ]
  return {
    where: bounds.length === 1 ? bounds[0]! : bounds.length === 0 ? {} : { AND: bounds },
    orderBy: [
      { [column.name]: column.nullable ? { sort: direction, nulls } : direction },
      { id: direction },
    ] as KeysetOrder,
    take: size + 1,
  }
}

/** The numbers between which a page lies, in a list that SQL of its own orders by a number; null for no bound. */
export function numbersBetween({ after, before }: Page): {
  readonly after: number | null
  readonly before: number | null
} {
  const numberOf = (position: Position | null) => (position === null ? null : Number(position.value))
  return { after: numberOf(after), before: numberOf(before) }
}

/** What Prisma's ordering types of all models have in common. */
type KeysetOrder = { id: 'asc' | 'desc' }[]

/** The rows that come later, or earlier, in the order than a row; those without a value come last. */
function rowsBeyond({ order, column }: Page, { value, id }: Position, side: 'later' | 'earlier') {
  const beyond = (order.direction === 'ASC') === (side === 'later') ? 'gt' : 'lt'
  const sameValue = { [column.name]: value, id: { [beyond]: id } }
  if (value === null) {
    return side === 'later' ? sameValue : { OR: [{ [column.name]: { not: null } }, sameValue] }
  }
  const others = [{ [column.name]: { [beyond]: value } }, sameValue]
  return { OR: column.nullable && side === 'later' ? [...others, { [column.name]: null }] : others }
}
