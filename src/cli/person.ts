import { type Claims, userOf } from '../access/users.ts'
import type { KnownUser } from '../access/viewer.ts'
import type { Config } from '../config.ts'
import type { Database } from '../database/client.ts'

/** Whose people those are whom no issuer signs in: they have tokens that an operator minted. */
const localIssuer = 'local'

/**
 * The user whom an issuer calls SUBJECT; made where the server never saw one.
 *
 * @param issuer undefined: the one that the server is configured for, or `local`
 * @throws RangeError for an empty subject
 */
export async function personOf(
  db: Database,
  { oidc }: Config,
  subject: string,
  issuer: string | undefined,
): Promise<KnownUser> {
  if (subject.trim() === '')
    throw new RangeError('Name a person by the SUBJECT that their issuer gives them.')
  const of = issuer ?? oidc?.issuer ?? localIssuer
  const claims: Claims = { issuer: of, subject, name: of === localIssuer ? subject : null, email: null }
  return userOf(db, claims)
}
