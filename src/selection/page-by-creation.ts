import { keysetPage } from '../keyset.ts'
import { type Connection, connectionOf, type Page } from '../paging.ts'
import { asRows } from './as-rows.ts'
import type { ConnectionSelection } from './select.ts'

/** What a client wants of a list: which page, and what of it. */
export interface WantedPage {
  readonly page: Page
  readonly selection: ConnectionSelection
}

/** All rows of a list. */
export interface WholeList<Where> {
  readonly where: Where
  /** Whose list it is, as cursors say it; null: nobody's. */
  readonly of: string | null
}

/** A Prisma model, as far as a list asks it. */
interface ListedModel<Where> {
  findMany(args: {
    where: Where
    orderBy: { id: 'asc' | 'desc' }[]
    take: number
    select: Record<string, unknown>
  }): Promise<object[]>
  count(args: { where: Where }): Promise<number>
}

/**
 * One page of a list that goes by when its rows were made (`listByCreation`). One statement; two if the client asked for
 * the total.
 *
 * @throws BAD_USER_INPUT if the cursor is of somebody else's list
 */
export async function pageByCreation<Row extends object, Where extends object>(
  model: ListedModel<{ AND: [Where, object] } | Where>,
  { where, of }: WholeList<Where>,
  { page, selection }: WantedPage,
): Promise<Connection<Row>> {
  const { where: onPage, orderBy, take } = keysetPage(page)
  const select = { ...selection.node, id: true }
  const rows = await model.findMany({ where: { AND: [where, onPage] }, orderBy, take, select })
  const total = selection.wantsTotalCount ? await model.count({ where }) : undefined
  return connectionOf(asRows<Row>(rows), page, { of, total })
}
