import { createHash, randomBytes } from 'node:crypto'
import type { Database, DatabaseTransaction } from '../database/client.ts'
import { readTogether } from '../database/read-together.ts'
import { type ApiError, unauthenticated } from '../errors.ts'
import { type EventRole, Prisma } from '../generated/prisma/client.ts'
import { allPermissions, type Permission } from './permissions.ts'
import { type StoredUser, userById, userColumns, userFrom } from './users.ts'
import { anonymous, grantsOfToken, type TokenScope, userViewer, type Viewer } from './viewer.ts'

/** What a new token is to be good for. */
export interface TokenValues extends TokenScope {
  readonly label: string
  /** Empty: all that the role, or the user, may. */
  readonly permissions: readonly Permission[]
  /** For whom it acts: never more than what the user may at the time. null: for nobody, as its role. */
  readonly userId: string | null
  /** The token that mints it; null: none does. */
  readonly parentId: string | null
}

/** What the operator mints where nothing else is said: an organizer of everything, for as long as it isn't revoked. */
export const organizerOfEverything = {
  role: 'ORGANIZER',
  eventIds: [],
  permissions: [],
  expiresAt: null,
  userId: null,
  parentId: null,
} as const satisfies Partial<TokenValues>

/** Mints a bearer token. @returns its id, and the token, which can't be read again */
export async function mintToken(
  db: DatabaseTransaction,
  values: TokenValues,
): Promise<{ id: string; token: string }> {
  const token = newSecret('oe')
  const data = { ...values, eventIds: [...values.eventIds], permissions: [...values.permissions] }
  const { id } = await db.accessToken.create({
    data: { ...data, hash: hashOfSecret(token) },
    select: { id: true },
  })
  return { id, token }
}

/** 256 random bits, so that the database can do with a plain SHA-256 of them. The prefix tells people what it is. */
export function newSecret(prefix: 'oe' | 'oei' | 'oec'): string {
  return `${prefix}_${randomBytes(32).toString('base64url')}`
}

export function hashOfSecret(secret: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(secret).digest())
}

interface StoredToken extends Omit<StoredUser, 'id'> {
  readonly id: string
  readonly label: string
  readonly role: string | null
  readonly eventIds: string[]
  readonly permissions: string[]
  readonly userId: string | null
  readonly expiresAt: Date | null
  readonly revokedAt: Date | null
}

/**
 * Finds out who has a token, for many requests by few statements, which also tell what its user still may. Notes, at most
 * once a minute, that it is used.
 *
 * @returns what looks one up, as it is now. Throws UNAUTHENTICATED for one that proves nothing (any more): an expired token
 *   must not quietly see less
 */
export function tokenLookup(db: Database, clock: () => Date): (token: string) => Promise<Viewer> {
  const find = readTogether({
    payer: 'tokens',
    keyOf: (hash: string) => hash,
    readAll: (hashes) => storedTokens(db, hashes, clock()),
  })
  return async (token) => viewerFrom(await find(Buffer.from(hashOfSecret(token)).toString('hex')), clock())
}

/** @param hashes in hexadecimal @returns in their order; undefined for what is no token */
async function storedTokens(
  db: Database,
  hashes: readonly string[],
  now: Date,
): Promise<(StoredToken | undefined)[]> {
  const asked = Prisma.sql`hash = ANY (ARRAY(SELECT decode(one, 'hex') FROM unnest(${hashes}::text[]) one))`
  // A row that somebody else changes at the moment is in use.
  const { text, values } = Prisma.sql`
    WITH used AS (
      UPDATE access_tokens SET last_used_at = ${now}
      WHERE id IN (
        SELECT id FROM access_tokens
        WHERE ${asked} AND (last_used_at IS NULL OR last_used_at < ${new Date(now.getTime() - 60_000)})
        FOR UPDATE SKIP LOCKED
      )
    )
    SELECT json_agg(found)::text FROM (
      SELECT encode(t.hash, 'hex') AS hash, ${tokenColumns}
      FROM access_tokens t LEFT JOIN users u ON u.id = t.user_id WHERE t.${asked}
    ) found`
  const [json = null] = await db.$readTexts({ sql: text.trim(), values, isShort: true })
  const found = JSON.parse(json ?? '[]') as TokenJson[]
  const byHash = new Map(found.map((one) => [one.hash, tokenFrom(one)]))
  return hashes.map((hash) => byHash.get(hash))
}

/** As the statement writes it. */
interface TokenJson extends Omit<StoredToken, 'expiresAt' | 'revokedAt'> {
  readonly hash: string
  readonly expiresAt: string | null
  readonly revokedAt: string | null
}

function tokenFrom({ expiresAt, revokedAt, ...token }: TokenJson): StoredToken {
  const instantOf = (text: string | null) => (text === null ? null : new Date(text))
  return { ...token, expiresAt: instantOf(expiresAt), revokedAt: instantOf(revokedAt) }
}

/**
 * Who somebody is by now for whom something is done that they asked for long ago.
 *
 * @param whom a user, or a token
 * @throws UNAUTHENTICATED if their token was revoked or has expired since
 */
export async function standingViewer(
  db: DatabaseTransaction,
  { userId, tokenId }: { readonly userId: string | null; readonly tokenId: string | null },
  now: Date,
): Promise<Viewer> {
  if (tokenId === null) return userId === null ? anonymous : userViewer(await userById(db, userId))
  const [found] = await db.$queryRaw<StoredToken[]>`
    SELECT ${tokenColumns} FROM access_tokens t LEFT JOIN users u ON u.id = t.user_id WHERE t.id = ${tokenId}::uuid`
  return viewerFrom(found, now)
}

const tokenColumns = Prisma.sql`
  t.id, t.label, t.role::text, t.event_ids AS "eventIds", t.permissions, t.user_id AS "userId",
  t.expires_at AS "expiresAt", t.revoked_at AS "revokedAt", ${userColumns}`

function viewerFrom(found: StoredToken | undefined, now: Date): Viewer {
  if (found === undefined) throw unauthenticated('This token is not known here. Mint a new one.')
  if (found.revokedAt !== null) throw tokenRevoked()
  if (found.expiresAt !== null && found.expiresAt <= now) {
    throw unauthenticated('This token has expired. Mint a new one.')
  }
  const { id, label, permissions, userId, eventIds, expiresAt } = found
  const scope = { role: (found.role?.toUpperCase() ?? null) as EventRole | null, eventIds, expiresAt }
  // What a later release no longer knows allows nothing.
  const heldTo =
    permissions.length === 0 ? null : new Set(allPermissions.filter((one) => permissions.includes(one)))
  const grants = grantsOfToken(scope, userId === null ? null : userFrom({ ...found, id: userId }))
  return { kind: 'token', tokenId: id, label, userId, scope, heldTo, grants }
}

/**
 * The viewer with what they are by now: for what changes roles, once nobody else can meanwhile. Whoever asks with a token
 * that was revoked is nobody.
 */
export async function viewerNow(db: DatabaseTransaction, viewer: Viewer): Promise<Viewer> {
  switch (viewer.kind) {
    case 'user':
      return userViewer(await userById(db, viewer.userId))
    case 'token': {
      const [living] = await db.$queryRaw<StoredUser[]>`
        SELECT u.id, ${userColumns} FROM access_tokens t LEFT JOIN users u ON u.id = t.user_id
        WHERE t.id = ${viewer.tokenId}::uuid AND t.revoked_at IS NULL`
      if (living === undefined) return anonymous
      const user = viewer.userId === null ? null : userFrom(living)
      return { ...viewer, grants: grantsOfToken(viewer.scope, user) }
    }
    case 'anonymous':
    case 'operator':
      return viewer
  }
}

/** The refusal of a token that was revoked. */
export function tokenRevoked(): ApiError {
  return unauthenticated('This token was revoked. Mint a new one.')
}

/** Whether the viewer asks with a token that was revoked since the request came; in an SQL statement. */
export function isRevoked(viewer: Viewer): Prisma.Sql {
  const tokenId = viewer.kind === 'token' ? viewer.tokenId : null
  return Prisma.sql`EXISTS (SELECT FROM access_tokens WHERE id = ${tokenId}::uuid AND revoked_at IS NOT NULL)`
}
