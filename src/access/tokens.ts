import { createHash, randomBytes } from 'node:crypto'
import type { DatabaseTransaction } from '../database/client.ts'
import { unauthenticated } from '../errors.ts'
import { anonymous, type Viewer } from './viewer.ts'

/**
 * Mints a bearer token. It can't be read again: the database keeps its SHA-256, which is enough for 256 random bits.
 *
 * @param expiresAt null: never
 */
export async function mintToken(
  db: DatabaseTransaction,
  { role, label, expiresAt }: { role: 'ORGANIZER'; label: string; expiresAt: Date | null },
): Promise<string> {
  const token = `oe_${randomBytes(32).toString('base64url')}`
  await db.accessToken.create({ data: { hash: hashOf(token), role, label, expiresAt } })
  return token
}

/**
 * Who a request's `Authorization` header says is asking; anonymous where there is none.
 *
 * @throws UNAUTHENTICATED where there is a header that proves nothing: an expired token must not quietly see less
 */
export async function viewerOf(
  db: DatabaseTransaction,
  authorization: string | undefined,
  now: Date,
): Promise<Viewer> {
  if (authorization === undefined) return anonymous
  const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1]
  if (token === undefined) throw unauthenticated('The Authorization header must read "Bearer TOKEN".')
  const found = await db.accessToken.findUnique({
    where: { hash: hashOf(token) },
    select: { id: true, role: true, expiresAt: true },
  })
  if (found === null) throw unauthenticated('This token is not known here. Mint a new one.')
  if (found.expiresAt !== null && found.expiresAt <= now) {
    throw unauthenticated('This token has expired. Mint a new one.')
  }
  return { kind: 'token', tokenId: found.id, role: found.role }
}

function hashOf(token: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(token).digest())
}
