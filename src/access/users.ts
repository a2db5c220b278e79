import type { DatabaseTransaction } from '../database/client.ts'
import { Prisma } from '../generated/prisma/client.ts'
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
  return userViewer(await userOf(db, claims))
}

/** The user whom an issuer speaks of, as `signedInViewer`. */
export async function userOf(db: DatabaseTransaction, claims: Claims): Promise<KnownUser> {
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
  return { ...known, ...said }
}

/** A user as the database gives one. */
export interface StoredUser extends Omit<KnownUser, 'memberships'> {
  readonly memberships: readonly { eventId: string; role: string; trackIds: string[] }[]
}

/** What makes a `StoredUser` of the row `u` of users. */
export const userColumns = Prisma.sql`
  u.name, u.email, u.is_admin AS "isAdmin",
  coalesce((SELECT jsonb_agg(jsonb_build_object('eventId', m.event_id, 'role', m.role, 'trackIds', m.track_ids))
            FROM memberships m WHERE m.user_id = u.id), '[]') AS memberships,
  ARRAY(SELECT s.event_id FROM speakers s WHERE s.user_id = u.id AND s.deleted_at IS NULL) AS "speaksAt"`

export function userFrom(stored: StoredUser): KnownUser {
  const { id, name, email, isAdmin, speaksAt } = stored
  const memberships = stored.memberships.map(({ role, ...membership }) => ({
    ...membership,
    role: role.toUpperCase() as KnownUser['memberships'][number]['role'],
  }))
  return { id, name, email, isAdmin, speaksAt, memberships }
}

/** What a user is by now. @throws Error where there is no such user */
export async function userById(db: DatabaseTransaction, id: string): Promise<KnownUser> {
  const [found] = await db.$queryRaw<
    StoredUser[]
  >`SELECT u.id, ${userColumns} FROM users u WHERE u.id = ${id}::uuid`
  if (found === undefined) throw new Error('A user who asks is gone.')
  return userFrom(found)
}

async function knownUser(
  db: DatabaseTransaction,
  { issuer, subject }: Claims,
): Promise<KnownUser | undefined> {
  const [found] = await db.$queryRaw<StoredUser[]>`
    SELECT u.id, ${userColumns} FROM users u WHERE u.issuer = ${issuer} AND u.subject = ${subject}`
  return found && userFrom(found)
}
