import { requireRoomForToken } from '../../access/quotas.ts'
import { may, refusal, requireMay } from '../../access/may.ts'
import { hashOfSecret, mintToken, newSecret, tokenRevoked } from '../../access/tokens.ts'
import type { Viewer } from '../../access/viewer.ts'
import { type Context, inTransaction } from '../../context.ts'
import { allTogether, badUserInput, notFound, type Refusal, requireVersionOf } from '../../errors.ts'
import { checkAll, type Parsed } from '../../input.ts'
import { isId } from '../../paging.ts'
import { asRow } from '../../selection/as-rows.ts'
import type { Select } from '../../selection/merge.ts'
import { visibleEvents } from '../event/event.rules.ts'
import type { TokenRow } from '../rows.ts'
import { endWithin, type NewToken, withinMinter } from './token.rules.ts'

/** A token with the secret that is shown this once. */
export interface ShownToken {
  readonly token: TokenRow
  readonly secret: string
}

/**
 * Mints a token that acts for whoever asks, and is no more than they are.
 *
 * @throws FORBIDDEN, BAD_USER_INPUT; NOT_FOUND for an event; UNAUTHENTICATED where the token that asks is revoked meanwhile
 */
export async function mintOwnToken(
  ctx: Context,
  wanted: Parsed<NewToken>,
  select: Select,
): Promise<ShownToken> {
  requireMay(ctx.viewer, 'token:mint', { eventId: null })
  const { values, issues } = await withinMinter(ctx.viewer, wanted, ctx.clock())
  return inTransaction(ctx, async (tx) => {
    await holdMinter(tx)
    await requireRoomForToken(tx)
    const [first, ...others] = await refusalsOfEvents(tx, values.eventIds)
    if (first !== undefined) throw allTogether([first, ...others], issues)
    if (issues.length > 0) throw badUserInput(issues)
    const { id, token: secret } = await mintToken(tx.db, {
      ...values,
      eventIds: [...new Set(values.eventIds)],
    })
    ctx.shownOnce.push(secret)
    return { token: await tokenWith(tx, id, select), secret }
  })
}

/**
 * Replaces the secret of a token of the viewer's own.
 *
 * @param expectedVersion null: whatever the version is
 * @param expiresAt undefined: as it is
 * @throws NOT_FOUND, FORBIDDEN, CONFLICT; BAD_USER_INPUT for one that was revoked, and an end that can't be
 */
export async function rotateToken(
  ctx: Context,
  id: string,
  { expectedVersion, expiresAt }: { expectedVersion: number | null; expiresAt: Date | undefined },
  select: Select,
): Promise<ShownToken> {
  requireMay(ctx.viewer, 'token:mint', { eventId: null })
  return inTransaction(ctx, async (tx) => {
    const held = await holdToken(tx, id)
    if (!isOwn(tx.viewer, held))
      throw isSeen(tx.viewer, held) ? refusal(tx.viewer, 'token:mint') : noToken(id)
    requireVersionOf('token', held, expectedVersion)
    const [, end] = await checkAll(
      [],
      [
        () => requireLiving(held),
        () => expiresAt && endWithin(tx.viewer, expiresAt, tx.clock(), ['expiresAt']),
      ],
    )
    const secret = newSecret('oe')
    const data = { hash: hashOfSecret(secret), ...(end === undefined ? {} : { expiresAt: end }) }
    await tx.db.accessToken.update({ where: { id }, data, select: { id: true } })
    ctx.shownOnce.push(secret)
    return { token: await tokenWith(tx, id, select), secret }
  })
}

/**
 * Ends a token and those that were minted with it; one that is ended already stays as it is.
 *
 * @param expectedVersion null: whatever the version is
 * @throws NOT_FOUND, FORBIDDEN, CONFLICT
 */
export async function revokeToken(
  ctx: Context,
  id: string,
  expectedVersion: number | null,
  select: Select,
): Promise<TokenRow> {
  return inTransaction(ctx, async (tx) => {
    const held = await holdToken(tx, id)
    if (!mayRevoke(tx.viewer, held)) {
      throw isSeen(tx.viewer, held) ? refusal(tx.viewer, 'token:manage') : noToken(id)
    }
    requireVersionOf('token', held, expectedVersion)
    // Again for what was being minted while the statement waited for its minter; usually there is none.
    while ((await revokeTree(tx, id)) > 0);
    return tokenWith(tx, id, select)
  })
}

/** Ends a token and what was minted with it, and with that. @returns how many of them were living */
async function revokeTree({ db, clock }: Context, id: string): Promise<number> {
  return db.$executeRaw`
    WITH RECURSIVE ended AS (
      SELECT id FROM access_tokens WHERE id = ${id}::uuid
      UNION ALL SELECT t.id FROM access_tokens t JOIN ended ON t.parent_id = ended.id
    )
    UPDATE access_tokens SET revoked_at = ${clock()} WHERE id IN (SELECT id FROM ended) AND revoked_at IS NULL`
}

/** A token that mints isn't revoked before what it mints is there, to be revoked with it. */
async function holdMinter({ db, viewer }: Context): Promise<void> {
  if (viewer.kind !== 'token') return
  const living = await db.$queryRaw<unknown[]>`
    SELECT FROM access_tokens WHERE id = ${viewer.tokenId}::uuid AND revoked_at IS NULL FOR SHARE`
  if (living.length === 0) throw tokenRevoked()
}

/** A token by its id, as far as it is selected; who may see it is the caller's to ask. */
export async function tokenWith({ db }: Context, id: string, select: Select): Promise<TokenRow> {
  return asRow(await db.accessToken.findUniqueOrThrow({ where: { id }, select }))
}

interface HeldToken {
  readonly id: string
  readonly userId: string | null
  readonly parentId: string | null
  readonly eventIds: readonly string[]
  readonly revokedAt: Date | null
  readonly version: number
  readonly lastModifiedAt: Date
}

async function holdToken({ db }: Context, id: string): Promise<HeldToken> {
  const [held] = isId(id)
    ? await db.$queryRaw<HeldToken[]>`
        SELECT id, user_id AS "userId", parent_id AS "parentId", event_ids AS "eventIds", revoked_at AS "revokedAt", version,
               last_modified_at AS "lastModifiedAt"
        FROM access_tokens WHERE id = ${id}::uuid FOR UPDATE`
    : []
  if (held === undefined) throw noToken(id)
  return held
}

function requireLiving({ revokedAt }: HeldToken): void {
  if (revokedAt === null) return
  throw badUserInput([{ path: ['id'], message: 'names a token that was revoked. Mint a new one.' }])
}

/** A user's own tokens; of a token itself and what it minted; the operator's are all. */
function isOwn(viewer: Viewer, { id, userId, parentId }: HeldToken): boolean {
  switch (viewer.kind) {
    case 'user':
      return userId === viewer.userId
    case 'token':
      return id === viewer.tokenId || parentId === viewer.tokenId
    case 'operator':
      return true
    case 'anonymous':
      return false
  }
}

function mayRevoke(viewer: Viewer, held: HeldToken): boolean {
  if (isOwn(viewer, held) && may(viewer, 'token:mint', { eventId: null })) return true
  const managed = held.eventIds.map((eventId) => may(viewer, 'token:manage', { eventId }))
  return managed.length > 0 && managed.every(Boolean)
}

/** Whether the viewer finds the token in some list. */
function isSeen(viewer: Viewer, held: HeldToken): boolean {
  return isOwn(viewer, held) || held.eventIds.some((eventId) => may(viewer, 'token:manage', { eventId }))
}

/** Of each of the events that the viewer doesn't see. */
async function refusalsOfEvents({ db, viewer }: Context, ids: readonly string[]): Promise<Refusal[]> {
  if (ids.length === 0) return []
  const where = { id: { in: ids.filter(isId) }, AND: visibleEvents(viewer) }
  const found = await db.event.findMany({ where, orderBy: { id: 'asc' }, select: { id: true } })
  return ids
    .map((id, index) => ({ id, path: ['input', 'eventIds', index], error: notFound('event', id) }))
    .filter(({ id }) => !found.some((event) => event.id === id.toLowerCase()))
}

function noToken(id: string) {
  return notFound('token', id)
}
