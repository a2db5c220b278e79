import { decodeJwt } from 'jose'
import type { DatabaseTransaction } from '../database/client.ts'
import { unauthenticated } from '../errors.ts'
import { clockTolerance, type TokenReader } from './oidc.ts'
import { tokenViewer } from './tokens.ts'
import { signedInViewer } from './users.ts'
import { anonymous, type Viewer } from './viewer.ts'

/**
 * Who a request's `Authorization` header says is asking; anonymous where there is none. One statement.
 *
 * @param readJwt null: no issuer is configured, so nobody can sign in
 * @throws UNAUTHENTICATED where there is a header that proves nothing; UNAVAILABLE where the issuer can't be reached
 */
export async function authenticate(
  db: DatabaseTransaction,
  authorization: string | undefined,
  now: Date,
  readJwt: TokenReader | null,
): Promise<Viewer> {
  if (authorization === undefined) return anonymous
  const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1]
  if (token === undefined) throw unauthenticated('The Authorization header must read "Bearer TOKEN".')
  if (!/^[\w-]+\.[\w-]+\.[\w-]*$/.test(token)) return tokenViewer(db, token, now)
  if (readJwt === null)
    throw unauthenticated('Nobody can sign in here: this server knows no issuer of such tokens.')
  return signedInViewer(db, await readJwt(token))
}

/** When what a header proves ends by itself; null: only the database knows. @param authorization one that was accepted */
export function endOfProof(authorization: string | undefined): Date | null {
  const jwt = /^Bearer +([\w-]+\.[\w-]+\.[\w-]*)$/i.exec(authorization ?? '')?.[1]
  if (jwt === undefined) return null
  const { exp } = decodeJwt(jwt)
  return exp === undefined ? null : new Date((exp + clockTolerance) * 1_000)
}
