import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from 'jose'
import { type ApiError, unauthenticated, unavailable } from '../errors.ts'
import { cleanLine, faultOfText, heading, isEmailAddress, type TextRule } from '../text.ts'
import type { Claims } from './users.ts'

/** Whose JSON Web Tokens are taken. */
export interface OidcIssuer {
  /** The `iss` of its tokens; its keys are found by OpenID Connect discovery below this address. */
  readonly issuer: string
  /** The `aud` that its tokens must have. */
  readonly audience: string
}

/** Tells who signed in from a JSON Web Token. @throws UNAUTHENTICATED; UNAVAILABLE where the issuer's keys can't be had */
export type TokenReader = (jwt: string) => Promise<Claims>

/** Only what can't be made from the public key: nothing symmetric, never "none". */
const algorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
]

/** How far the issuer's clock may be off, in seconds. */
export const clockTolerance = 30

/**
 * Keys are fetched when the first token comes, kept for ten minutes, and fetched anew when a token names a key that
 * isn't among them: the issuer may have rotated its keys.
 *
 * @param cooldown milliseconds between two fetches at least, so that nobody can make us flood the issuer
 */
export function createTokenReader({ issuer, audience }: OidcIssuer, cooldown = 30_000): TokenReader {
  let keys: Promise<JWTVerifyGetKey> | undefined
  return async (jwt) => {
    // What failed is tried again by the next request.
    keys ??= discoverKeys(issuer, cooldown).catch((error: unknown) => {
      keys = undefined
      throw unreachable(issuer, error)
    })
    const key = await keys
    const rules = { issuer, audience, algorithms, clockTolerance, requiredClaims: ['sub', 'exp'] }
    const { payload } = await jwtVerify(jwt, key, rules).catch((error: unknown): never => {
      if (error instanceof errors.JWKSTimeout || !(error instanceof errors.JOSEError))
        throw unreachable(issuer, error)
      throw unauthenticated(`This token isn't accepted: ${reasonOf(error)} Sign in again.`)
    })
    return claimsIn(issuer, payload)
  }
}

/**
 * What the token says of a person, as far as it can be taken. Issuers let people write names, and some of them addresses.
 *
 * @throws UNAUTHENTICATED if it doesn't say who it is
 */
function claimsIn(issuer: string, claims: Readonly<Record<string, unknown>>): Claims {
  const { sub, name, preferred_username, email, email_verified } = claims
  if (typeof sub !== 'string' || faultOfText(sub, subjectRule) !== null) {
    throw unauthenticated(
      `This token isn't accepted: its claim "sub" is no text that names a person. Sign in again.`,
    )
  }
  return {
    issuer,
    subject: sub,
    name: nameIn(name) ?? nameIn(preferred_username),
    // An address that nobody has verified may be anybody's.
    email: email_verified === true && typeof email === 'string' && isEmailAddress(email) ? email : null,
  }
}

/** As OpenID Connect has it. */
const subjectRule: TextRule = { ...heading, maxLength: 255 }

function nameIn(claim: unknown): string | null {
  return typeof claim === 'string' ? cleanLine(claim, 300) : null
}

async function discoverKeys(issuer: string, cooldown: number): Promise<JWTVerifyGetKey> {
  const address = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
  const response = await fetch(address, { signal: AbortSignal.timeout(5000) })
  if (!response.ok) throw new Error(`${address} answered ${response.status}.`)
  const document = (await response.json()) as { issuer?: unknown; jwks_uri?: unknown }
  if (document.issuer !== issuer || typeof document.jwks_uri !== 'string') {
    throw new Error(`${address} isn't the discovery document of ${issuer}.`)
  }
  return createRemoteJWKSet(new URL(document.jwks_uri), {
    timeoutDuration: 5000,
    cooldownDuration: cooldown,
    cacheMaxAge: 600_000,
  })
}

/** Its address is no secret: who signs in is sent there. */
function unreachable(issuer: string, cause: unknown): ApiError {
  return unavailable(`The issuer ${issuer}, which signs people in, can't be reached right now.`, { cause })
}

/** What is wrong with the token, without what it says. */
function reasonOf(error: errors.JOSEError): string {
  if (error instanceof errors.JWTExpired) return 'it has expired.'
  if (error instanceof errors.JWTClaimValidationFailed)
    return `its claim "${error.claim}" isn't the one expected here.`
  if (error instanceof errors.JWKSNoMatchingKey) return 'its issuer has no such key.'
  if (error instanceof errors.JWSSignatureVerificationFailed) return 'its signature is wrong.'
  if (error instanceof errors.JOSEAlgNotAllowed)
    return 'it is signed by an algorithm that is not allowed here.'
  return 'it is no JSON Web Token that can be read here.'
}
