import { badUserInput } from './errors.ts'
import { isStorable } from './text.ts'
import { isInRange } from './time/instant.ts'

/** The largest page that any list gives. */
export const maxPageSize = 200

/** How a list is ordered: by one value, ties broken by id in the same direction, rows without the value last. */
export interface Order<Field extends string = string> {
  readonly field: Field
  readonly direction: 'ASC' | 'DESC'
}

/** A page of a list in some order, asked for by its size and the cursor that it begins after. */
export interface Page<Field extends string = string> {
  readonly order: Order<Field>
  readonly first: number
  readonly after: string | null
}

/** The Prisma field that holds the value of an order. */
export interface OrderColumn {
  readonly name: string
  readonly holds: 'instant' | 'text' | 'number'
  readonly nullable: boolean
}

/** How lists without orders of their own go: by when something was made, which the identifiers tell. */
export const newestById = {
  order: { field: 'CREATED', direction: 'DESC' },
  column: { name: 'id', holds: 'text', nullable: false },
} as const satisfies { order: Order; column: OrderColumn }

/** Everything of a row that its cursor holds. */
type CursorRow = Readonly<Record<string, unknown>> & { readonly id: string }

/** One page of a list, in the form that GraphQL connections have. */
export interface Connection<Row> {
  readonly nodes: Row[]
  readonly edges: { cursor: string; node: Row }[]
  readonly pageInfo: {
    hasNextPage: boolean
    hasPreviousPage: boolean
    startCursor: string | null
    endCursor: string | null
  }
  readonly totalCount: number
}

/**
 * @param unlessSaid what holds where a client leaves an argument out or sends null
 * @throws BAD_USER_INPUT where `first` isn't 0 to 200: a silently shortened page would look like the end
 */
export function pageOf<Field extends string>(
  args: { first?: number | null; after?: string | null; orderBy?: Order<Field> | null },
  unlessSaid: { first: number; order: Order<Field> },
): Page<Field> {
  const first = args.first ?? unlessSaid.first
  if (first < 0 || first > maxPageSize) {
    throw badUserInput([
      { path: ['first'], message: `must be 0 to ${maxPageSize}; ask for the rest by "after".` },
    ])
  }
  return { order: args.orderBy ?? unlessSaid.order, first, after: args.after ?? null }
}

/**
 * The Prisma arguments of a page by keyset: where the rows after the cursor begin, in which order, and one row more
 * than asked for, which tells whether a next page exists. Rows that come and go in between move no page.
 *
 * @throws BAD_USER_INPUT where the cursor isn't one of this list in this order
 */
export function keysetPage(page: Page, column: OrderColumn) {
  const direction = page.order.direction === 'ASC' ? ('asc' as const) : ('desc' as const)
  return {
    where: page.after === null ? {} : rowsAfter(page, column),
    orderBy: [
      { [column.name]: column.nullable ? { sort: direction, nulls: 'last' as const } : direction },
      { id: direction },
    ] as KeysetOrder,
    take: page.first + 1,
  }
}

/**
 * The number after which a page begins, in a list that SQL of its own orders by a number; null for the first page.
 *
 * @throws BAD_USER_INPUT where the cursor isn't one of this list
 */
export function numberAfter({ order, after }: Page, column: OrderColumn): number | null {
  return after === null ? null : Number(decodeCursor(after, order, column).value)
}

/** What Prisma's ordering types of all models have in common. */
type KeysetOrder = { id: 'asc' | 'desc' }[]

function rowsAfter({ order, after }: Page, column: OrderColumn) {
  const { value, id } = decodeCursor(after!, order, column)
  const beyond = order.direction === 'ASC' ? 'gt' : 'lt'
  const sameValue = { [column.name]: value, id: { [beyond]: id } }
  if (value === null) return sameValue
  const later = [{ [column.name]: { [beyond]: value } }, sameValue]
  return { OR: column.nullable ? [...later, { [column.name]: null }] : later }
}

/** @param rows as `keysetPage` fetched them, with the row that is one too many */
export function connectionOf<Row extends object>(
  rows: readonly Row[],
  page: Page,
  column: OrderColumn,
  total: number | undefined,
): Connection<Row> {
  const nodes = rows.slice(0, page.first)
  // The columns of the cursor are fetched where one was asked for; the plan of the list sees to it.
  const cursorOf = (row: Row) => encodeCursor(row as CursorRow, page.order, column)
  return {
    nodes,
    get edges() {
      return nodes.map((node) => ({
        node,
        get cursor() {
          return cursorOf(node)
        },
      }))
    },
    pageInfo: {
      hasNextPage: rows.length > page.first,
      hasPreviousPage: page.after !== null,
      get startCursor() {
        return nodes.length > 0 ? cursorOf(nodes[0]!) : null
      },
      get endCursor() {
        return nodes.length > 0 ? cursorOf(nodes.at(-1)!) : null
      },
    },
    get totalCount() {
      if (total === undefined) throw new Error('The total was not planned for.')
      return total
    },
  }
}

function encodeCursor(row: CursorRow, { field, direction }: Order, column: OrderColumn): string {
  const value = row[column.name]
  if (value === undefined) throw new Error(`The cursor's column ${column.name} was not fetched.`)
  const key = value instanceof Date ? value.getTime() : value
  return Buffer.from(JSON.stringify([field, direction, key, row.id])).toString('base64url')
}

function decodeCursor(
  cursor: string,
  order: Order,
  column: OrderColumn,
): { value: string | number | Date | null; id: string } {
  const [field, direction, value, id] = parseCursor(cursor)
  if (typeof id !== 'string' || !isId(id)) throw foreignCursor('This is no cursor of this list.')
  if (field !== order.field || direction !== order.direction) {
    throw foreignCursor('This cursor belongs to another order. Begin again without it.')
  }
  if (value === null && column.nullable) return { value, id }
  if (column.holds === 'text' && typeof value === 'string' && isStorable(value)) return { value, id }
  if (column.holds === 'instant' && Number.isInteger(value) && isInRange(new Date(Number(value)))) {
    return { value: new Date(Number(value)), id }
  }
  if (column.holds === 'number' && Number.isSafeInteger(value)) return { value: Number(value), id }
  throw foreignCursor('This is no cursor of this list.')
}

function parseCursor(cursor: string): unknown[] {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    return Array.isArray(parsed) ? parsed : []
  } catch {
    return []
  }
}

function foreignCursor(message: string) {
  return badUserInput([{ path: ['after'], message }])
}

/** Whether the text is a UUID, as all our identifiers are; anything else can't name a row. */
export function isId(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
}
