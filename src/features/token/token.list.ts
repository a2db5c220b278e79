import type { Viewer } from '../../access/viewer.ts'
import type { Context } from '../../context.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import { type Connection, connectionOf, keysetPage, newestById, type Page } from '../../paging.ts'
import type { ConnectionSelection } from '../../selection/select.ts'
import type { TokenRow } from './token.selection.ts'

/** A user's own tokens, or those that a token minted. */
export function tokensOf(viewer: Viewer): Prisma.AccessTokenWhereInput {
  switch (viewer.kind) {
    case 'user':
      return { userId: viewer.userId }
    case 'token':
      return { parentId: viewer.tokenId }
    case 'anonymous':
    case 'operator':
      return { id: { in: [] } }
  }
}

/** One page of the tokens that weren't revoked, newest first. */
export async function listTokens(
  { db }: Context,
  which: Prisma.AccessTokenWhereInput,
  page: Page,
  wanted: ConnectionSelection,
): Promise<Connection<TokenRow>> {
  const living = { AND: [which, { revokedAt: null }] }
  const { where, orderBy, take } = keysetPage(page, newestById.column)
  const select = { ...wanted.node, id: true }
  const rows = await db.accessToken.findMany({ where: { AND: [living, where] }, orderBy, take, select })
  const total = wanted.wantsTotalCount ? await db.accessToken.count({ where: living }) : undefined
  return connectionOf(rows as object[] as TokenRow[], page, newestById.column, total)
}
