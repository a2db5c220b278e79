import { reachOf, requireOperator } from '../../access/may.ts'
import type { Viewer } from '../../access/viewer.ts'
import type { Context } from '../../context.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import { type Connection, listByCreation } from '../../paging.ts'
import { pageByCreation, type WantedPage, type WholeList } from '../../selection/page-by-creation.ts'
import type { TokenRow } from '../rows.ts'

/** A user's own tokens, or those that a token minted. */
export function tokensOf(viewer: Viewer): WholeList<Prisma.AccessTokenWhereInput> {
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

/** The tokens that the viewer may see: their own, the one that asks, and those that are held to events whose tokens they manage. */
export function visibleTokens(viewer: Viewer): Prisma.AccessTokenWhereInput {
  const { everywhere, eventIds } = reachOf(viewer, 'token:manage')
  const held = everywhere ? { eventIds: { isEmpty: false } } : { eventIds: { hasSome: [...eventIds] } }
  const itself = viewer.kind === 'token' ? [{ id: viewer.tokenId }] : []
  return { revokedAt: null, OR: [tokensOf(viewer).where, held, ...itself] }
}

export const ownTokenList = listByCreation('Viewer.tokens', 50, 'DESC')
export const eventTokenList = listByCreation('Event.tokens', 50, 'DESC')

/** One page of those of the tokens that weren't revoked, newest first. */
export async function listTokens(
  { db }: Context,
  { where, of }: WholeList<Prisma.AccessTokenWhereInput>,
  wanted: WantedPage,
): Promise<Connection<TokenRow>> {
  return pageByCreation(db.accessToken, { where: { AND: [where, { revokedAt: null }] }, of }, wanted)
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
