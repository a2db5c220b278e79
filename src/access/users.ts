import type { Database, DatabaseTransaction } from '../database/client.ts'
import { readTogether } from '../database/read-together.ts'
import { Prisma } from '../generated/prisma/client.ts'
import { type KnownUser, userViewer, type Viewer } from './viewer.ts'

/** What an issuer says of somebody who signed in. */
export interface Claims {
  readonly issuer: string
  readonly subject: string
  readonly name: string | null
  readonly email: string | null
}

/** What finds out who a user is, as they are now; undefined for somebody who was never seen. */
type FindUser = (claims: Claims) => Promise<KnownUser | undefined>

/**
 * Finds out who signed in, for many requests by few statements.
 *
 * @returns who it is. Somebody who was never seen becomes a user; a name or an address that changed is taken over
 */
export function signedInLookup(db: Database): (claims: Claims) => Promise<Viewer> {
  const find = readTogether({
    payer: 'users',
    keyOf: ({ issuer, subject }: Claims) => JSON.stringify([issuer, subject]),
    readAll: (asked) => knownUsers(db, asked),
  })
  return async (claims) => userViewer(await userOf(db, claims, find))
}

/** The user whom an issuer speaks of, as `signedInLookup`. */
export async function userOf(
  db: DatabaseTransaction,
  claims: Claims,
  find: FindUser = async (one) => (await knownUsers(db, [one]))[0],
): Promise<KnownUser> {
  const { issuer, subject } = claims
  let known = await find(claims)
  const said = { name: claims.name ?? known?.name ?? null, email: claims.email ?? known?.email ?? null }
  if (known === undefined) {
    // Two first requests at once make one user.
    await db.user.createMany({ data: [{ issuer, subject, ...said }], skipDuplicates: true })
    known = await find(claims)
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

/** @returns in the order of what is asked; undefined for somebody who was never seen */
async function knownUsers(
  db: DatabaseTransaction,
  asked: readonly Claims[],
): Promise<(KnownUser | undefined)[]> {
  const [issuers, subjects] = [asked.map(({ issuer }) => issuer), asked.map(({ subject }) => subject)]
  const found = await db.$queryRaw<(StoredUser & { place: number })[]>`
    SELECT a.place::integer, u.id, ${userColumns}
    FROM unnest(${issuers}::text[], ${subjects}::text[]) WITH ORDINALITY a (issuer, subject, place)
    JOIN users u ON u.issuer = a.issuer AND u.subject = a.subject`
  const users = new Map(found.map(({ place, ...stored }) => [place, userFrom(stored)]))
  return asked.map((_claims, index) => users.get(index + 1))
}
