import type { DatabaseTransaction } from '../database/client.ts'
import { type KnownUser, userViewer, type Viewer } from './viewer.ts'

/** What an issuer says of somebody who signed in. */
export interface Claims {
  readonly issuer: string
  readonly subject: string
  readonly name: string | null
  readonly email: string | null
}

/** Who signed in. Somebody who was never seen becomes a user; a name or an address that changed is taken over. */
export async function signedInViewer(db: DatabaseTransaction, claims: Claims): Promise<Viewer> {
  const { issuer, subject } = claims
  let known = await knownUser(db, claims)
  const said = { name: claims.name ?? known?.name ?? null, email: claims.email ?? known?.email ?? null }
  if (known === undefined) {
    // Two first requests at once make one user.
    await db.user.createMany({ data: [{ issuer, subject, ...said }], skipDuplicates: true })
    known = await knownUser(db, claims)
  } else if (known.name !== said.name || known.email !== said.email) {
    await db.user.update({ where: { id: known.id }, data: said })
  }
  if (known === undefined) throw new Error('A user that was just made is gone.')
  return userViewer({ ...known, ...said })
}

interface StoredUser extends Omit<KnownUser, 'memberships'> {
  readonly memberships: readonly { eventId: string; role: string; trackIds: string[] }[]
}

async function knownUser(
  db: DatabaseTransaction,
  { issuer, subject }: Claims,
): Promise<KnownUser | undefined> {
  const [found] = await db.$queryRaw<StoredUser[]>`
    SELECT u.id, u.name, u.email, u.is_admin AS "isAdmin",
           coalesce((SELECT jsonb_agg(jsonb_build_object('eventId', m.event_id, 'role', m.role, 'trackIds', m.track_ids))
                     FROM memberships m WHERE m.user_id = u.id), '[]') AS memberships,
           ARRAY(SELECT s.event_id FROM speakers s WHERE s.user_id = u.id AND s.deleted_at IS NULL) AS "speaksAt"
    FROM users u WHERE u.issuer = ${issuer} AND u.subject = ${subject}`
  if (found === undefined) return undefined
  const memberships = found.memberships.map(({ role, ...membership }) => ({
    ...membership,
    role: role.toUpperCase() as KnownUser['memberships'][number]['role'],
  }))
  return { ...found, memberships }
}
