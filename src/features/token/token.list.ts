import { requireOperator } from '../../access/may.ts'
import type { Viewer } from '../../access/viewer.ts'
import type { Context } from '../../context.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import { type Connection, connectionOf, keysetPage, listByCreation, type Page } from '../../paging.ts'
import type { ConnectionSelection } from '../../selection/select.ts'
import type { TokenRow } from './token.selection.ts'

/** A user's own tokens, or those that a token minted. */
export function tokensOf(viewer: Viewer): { where: Prisma.AccessTokenWhereInput; of: string | null } {
  switch (viewer.kind) {
    case 'user':
      return { where: { userId: viewer.userId }, of: viewer.userId }
    case 'token':
      return { where: { parentId: viewer.tokenId }, of: viewer.tokenId }
    case 'anonymous':
    case 'operator':
      return { where: { id: { in: [] } }, of: null }
  }
}

export const ownTokenList = listByCreation('Viewer.tokens', 50, 'DESC')
export const eventTokenList = listByCreation('Event.tokens', 50, 'DESC')

/**
 * One page of the tokens that weren't revoked, newest first.
 *
 * @param which the tokens, and whose list they are: the event's or the viewer's
 */
export async function listTokens(
  { db }: Context,
  { where: which, of }: { readonly where: Prisma.AccessTokenWhereInput; readonly of: string | null },
  page: Page,
  wanted: ConnectionSelection,
): Promise<Connection<TokenRow>> {
  const living = { AND: [which, { revokedAt: null }] }
  const { where, orderBy, take } = keysetPage(page)
  const select = { ...wanted.node, id: true }
  const rows = await db.accessToken.findMany({ where: { AND: [living, where] }, orderBy, take, select })
  const total = wanted.wantsTotalCount ? await db.accessToken.count({ where: living }) : undefined
  return connectionOf(rows as object[] as TokenRow[], page, { of, total })
}

/** A token as the operator's command lists it. */
export interface DescribedToken extends Pick<TokenRow, 'id' | 'label' | 'role' | 'expiresAt' | 'lastUsedAt'> {
  /** The user for whom it acts, by name or else by id. */
  readonly user: string | null
  /** By their slugs. */
  readonly events: readonly string[]
  readonly permissions: readonly string[]
}

/** All tokens that weren't revoked, newest first. */
export async function describeTokens(ctx: Context): Promise<DescribedToken[]> {
  requireOperator(ctx.viewer)
  return ctx.db.$queryRaw<DescribedToken[]>`
    SELECT t.id, t.label, upper(t.role::text) AS role, t.expires_at AS "expiresAt", t.last_used_at AS "lastUsedAt",
           t.permissions, coalesce(u.name, u.id::text) AS "user",
           ARRAY(SELECT slug FROM events e WHERE e.id = ANY (t.event_ids) ORDER BY slug) AS events
    FROM access_tokens t LEFT JOIN users u ON u.id = t.user_id WHERE t.revoked_at IS NULL ORDER BY t.id DESC`
}
