import { decodeJwt } from 'jose'
import type { Database } from '../database/client.ts'
import { unauthenticated } from '../errors.ts'
import { clockTolerance, type TokenReader } from './oidc.ts'
import { tokenLookup } from './tokens.ts'
import { signedInLookup } from './users.ts'
import { anonymous, type Viewer } from './viewer.ts'

/** Who a request's `Authorization` header says is asking; anonymous if there is none. One statement. */
export type Authenticate = (authorization: string | undefined) => Promise<Viewer>

/**
 * @param readJwt null: no issuer is configured, so nobody can sign in
 * @returns what throws UNAUTHENTICATED for a header that proves nothing, and UNAVAILABLE if the issuer can't be reached
 */
export function authentication(db: Database, clock: () => Date, readJwt: TokenReader | null): Authenticate {
  const [tokenViewer, signedInViewer] = [tokenLookup(db, clock), signedInLookup(db)]
  return async (authorization) => {
    if (authorization === undefined) return anonymous
    const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1]
    if (token === undefined) throw unauthenticated('The Authorization header must read "Bearer TOKEN".')
    if (!/^[\w-]+\.[\w-]+\.[\w-]*$/.test(token)) return tokenViewer(token)
    if (readJwt === null)
      throw unauthenticated('Nobody can sign in here: this server knows no issuer of such tokens.')
    return signedInViewer(await readJwt(token))
  }
}

/** When what a header proves ends by itself; null: only the database knows. @param authorization one that was accepted */
export function endOfProof(authorization: string | undefined): Date | null {
  const jwt = /^Bearer +([\w-]+\.[\w-]+\.[\w-]*)$/i.exec(authorization ?? '')?.[1]
  if (jwt === undefined) return null
  const { exp } = decodeJwt(jwt)
  return exp === undefined ? null : new Date((exp + clockTolerance) * 1_000)
}
