import { closedCursor, openCursor } from './cursor.ts'
import { assertNever, badUserInput, type InputIssue } from './errors.ts'
import { isStorable } from './text.ts'
import { isFourDigitYear } from './time/instant.ts'

/** The largest page that any list gives. */
export const maxPageSize = 200

/** How a list is ordered: by one value, ties broken by id in the same direction, rows without the value last. */
export interface Order<Field extends string = string> {
  readonly field: Field
  readonly direction: 'ASC' | 'DESC'
}

/** The Prisma field that holds the value of an order. */
export interface OrderColumn {
  readonly name: string
  readonly holds: 'instant' | 'text' | 'integer' | 'id'
  readonly nullable: boolean
}

/** A list that clients page through. */
export interface List<Field extends string = string> {
  /** The GraphQL type and field, 'Event.sessions': each cursor holds it, and no other list takes that cursor. */
  readonly name: string
  readonly columns: Readonly<Record<Field, OrderColumn>>
  /** What holds where a client leaves the argument out or sends null. */
  readonly unlessSaid: { readonly first: number; readonly order: Order<Field> }
}

/** A page of a list in some order: so many rows from one end of what lies between two cursors. */
export interface Page {
  readonly list: string
  readonly order: Order
  readonly column: OrderColumn
  readonly size: number
  /** The end that the rows are counted from. */
  readonly from: 'start' | 'end'
  readonly after: SentPosition | null
  readonly before: SentPosition | null
}

/** A cursor as the client sent it, and what it holds. */
type SentPosition = Position & { readonly cursor: string }

/** The arguments of a list with pages. */
export interface PageArguments<Field extends string = string> {
  readonly first?: number | null
  readonly after?: string | null
  readonly last?: number | null
  readonly before?: string | null
  readonly orderBy?: Order<Field> | null
}

/** A place in a list: the row that stands before it. */
export interface Position {
  readonly of: string | null
  readonly value: string | number | Date | null
  readonly id: string
}

/** How lists without orders of their own go: by when something was made, which the identifiers tell. */
export function listByCreation(name: string, first: number, direction: Order['direction']): List<'CREATED'> {
  return {
    name,
    columns: { CREATED: { name: 'id', holds: 'id', nullable: false } },
    unlessSaid: { first, order: { field: 'CREATED', direction } },
  }
}

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

/** How much of a list without pages is wanted. @throws BAD_USER_INPUT for less than nothing, and for more than `most` */
export function firstUpTo(first: number, most: number): number {
  if (first >= 0 && first <= most) return first
  throw badUserInput([{ path: ['first'], message: `must be 0 to ${most}.` }])
}

/**
 * @param args `first` is null where the client didn't say it but said `last` (`pageArguments`)
 * @param faults what is wrong with the filter of the list
 * @throws BAD_USER_INPUT with the faults, where `first` or `last` isn't 0 to 200 (a silently shortened page would look like
 *   the end), where both are said, and where a cursor isn't one of this list in this order. Whose list it is of,
 *   `connectionOf` looks at.
 */
export function pageOf<Field extends string>(
  args: PageArguments<Field>,
  { name, columns, unlessSaid }: List<Field>,
  faults: readonly InputIssue[] = [],
): Page {
  const { first = null, last = null } = args
  const order = args.orderBy ?? unlessSaid.order
  const column = columns[order.field]
  const issues = [...faults]
  const from = last === null ? 'start' : 'end'
  const size = last ?? first ?? unlessSaid.first
  if (first !== null && last !== null) {
    issues.push({ path: ['last'], message: 'goes without "first": a page begins at one end of the list.' })
  }
  if (size < 0 || size > maxPageSize) {
    const [named, cursor] = from === 'start' ? ['first', 'after'] : ['last', 'before']
    issues.push({
      path: [named],
      message: `must be 0 to ${maxPageSize}; ask for the rest by "${cursor}".`,
    })
  }
  const read = (named: 'after' | 'before'): SentPosition | null => {
    const cursor = args[named] ?? null
    if (cursor === null) return null
    const position = positionIn(cursor, { list: name, order, column })
    if (typeof position !== 'string') return { ...position, cursor }
    issues.push({ path: [named], message: position })
    return null
  }
  const [after, before] = [read('after'), read('before')]
  if (issues.length > 0) throw badUserInput(issues)
  return { list: name, order, column, size, from, after, before }
}

/** Whose list a page is of, and how many rows it has on all pages where that was asked. */
export interface Listed {
  /**
   * The id of what has the list: the event, also for what is in it; for a history the row, and for what is somebody's
   * own that person or token; null: nobody. The lists of sessions in one event, such as those of its tracks, take each
   * other's cursors: a query names them all at once, and a place in their order is one in each.
   */
  readonly of: string | null
  readonly total: number | undefined
}

/**
 * @param rows as `keysetPage` fetched them, with the row that is one too many
 * @throws BAD_USER_INPUT where the page was asked for by a cursor of somebody else's list
 */
export function connectionOf<Row extends object>(
  rows: readonly Row[],
  page: Page,
  { of, total }: Listed,
): Connection<Row> {
  const { after, before, from, size } = page
  const strangers = (['after', 'before'] as const).filter((named) => page[named] && page[named].of !== of)
  if (strangers.length > 0) {
    throw badUserInput(strangers.map((named) => ({ path: [named], message: foreign })))
  }
  const nodes = from === 'start' ? rows.slice(0, size) : rows.slice(0, size).toReversed()
  const hasMore = rows.length > size
  // The columns of the cursor are fetched where one was asked for; the plan of the list sees to it.
  const cursorOf = (row: Row) => cursorAt(row as CursorRow, page, of)
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
      hasNextPage: from === 'start' ? hasMore || before !== null : before !== null,
      hasPreviousPage: from === 'end' ? hasMore || after !== null : after !== null,
      // An empty page begins and ends where its cursors are, so that whoever goes on from it doesn't begin anew.
      get startCursor() {
        return nodes.length > 0 ? cursorOf(nodes[0]!) : (before?.cursor ?? null)
      },
      get endCursor() {
        return nodes.length > 0 ? cursorOf(nodes.at(-1)!) : (after?.cursor ?? null)
      },
    },
    get totalCount() {
      if (total === undefined) throw new Error('The total was not planned for.')
      return total
    },
  }
}

function cursorAt(row: CursorRow, { list, order, column }: Page, of: string | null): string {
  const value = row[column.name]
  if (value === undefined) throw new Error(`The cursor's column ${column.name} was not fetched.`)
  const key = value instanceof Date ? value.getTime() : value
  return closedCursor([list, of, order.field, order.direction, key, row.id])
}

/** What a cursor of the list holds, or in words why it isn't one. */
function positionIn(
  cursor: string,
  { list, order, column }: Pick<Page, 'list' | 'order' | 'column'>,
): Position | string {
  const [name, of, field, direction, key, id] = openCursor(cursor)
  const isWhole = (of === null || isIdentifier(of)) && isIdentifier(id)
  if (name !== list || !isWhole) return foreign
  if (field !== order.field || direction !== order.direction) return otherOrder
  const value = valueIn(key, id, column)
  return value === undefined ? foreign : { of, value, id }
}

/** The value that rows are compared with; undefined where the column can't hold it. */
function valueIn(key: unknown, id: string, { holds, nullable }: OrderColumn): Position['value'] | undefined {
  if (key === null) return nullable ? null : undefined
  switch (holds) {
    case 'id':
      return key === id ? id : undefined
    case 'text':
      return typeof key === 'string' && isStorable(key) ? key : undefined
    case 'integer':
      return typeof key === 'number' && key === (key | 0) ? key : undefined
    case 'instant':
      return Number.isInteger(key) && isFourDigitYear(new Date(Number(key)))
        ? new Date(Number(key))
        : undefined
    default:
      return assertNever(holds)
  }
}

const foreign = 'This is no cursor of this list. Begin again without it.'
const otherOrder = 'This cursor belongs to another order. Begin again without it.'

/** Whether what a cursor holds is an id. */
export function isIdentifier(value: unknown): value is string {
  return typeof value === 'string' && isId(value)
}

/** Whether the text is a UUID, as all our identifiers are; anything else can't name a row. */
export function isId(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
}
