import { refusal } from '../../access/may.ts'
import { allPermissions, covers, extentOf } from '../../access/permissions.ts'
import type { TokenValues } from '../../access/tokens.ts'
import { userIdOf, type Viewer } from '../../access/viewer.ts'
import { badUserInput } from '../../errors.ts'
import type { EventRole } from '../../generated/prisma/client.ts'
import { checkEach, type Parsed } from '../../input.ts'

/** What somebody asks a new token to be good for; whose it is follows from who asks. */
export type NewToken = Omit<TokenValues, 'userId' | 'parentId'>

/**
 * The values of a token that is no more than whoever mints it. For a user nothing needs a look here: their tokens are
 * cut down to what they may each time they are used.
 *
 * @returns them, and all that is wrong with what is wanted
 * @throws FORBIDDEN
 */
export async function withinMinter(
  viewer: Viewer,
  { values: wanted, issues }: Parsed<NewToken>,
  now: Date,
): Promise<Parsed<TokenValues>> {
  const { heldTo } = viewer
  const beyond = heldTo && wanted.permissions.find((permission) => !heldTo.has(permission))
  if (beyond) throw refusal(viewer, beyond)
  const { values, issues: all } = await checkEach(issues, [
    () => roleWithin(viewer, wanted.role),
    () => endWithin(viewer, wanted.expiresAt, now, ['input', 'expiresAt']),
  ])
  const [role, expiresAt] = values
  const permissions = wanted.permissions.length === 0 ? [...(heldTo ?? [])] : wanted.permissions
  const parentId = viewer.kind === 'token' ? viewer.tokenId : null
  return {
    values: { ...wanted, role, permissions, expiresAt, userId: userIdOf(viewer), parentId },
    issues: all,
  }
}

/**
 * The end of a token's life; one that a token mints or rotates doesn't outlive it.
 *
 * @throws BAD_USER_INPUT
 */
export function endWithin(
  viewer: Viewer,
  expiresAt: Date | null,
  now: Date,
  path: readonly string[],
): Date | null {
  if (expiresAt !== null && expiresAt <= now)
    throw badUserInput([{ path, message: 'must be in the future.' }])
  const latest = viewer.kind === 'token' ? viewer.scope.expiresAt : null
  if (latest === null || (expiresAt !== null && expiresAt <= latest)) return expiresAt
  if (expiresAt === null) return latest
  const message = `must be at most ${latest.toISOString()}, when the token expires that you use.`
  throw badUserInput([{ path, message }])
}

function roleWithin(viewer: Viewer, wanted: EventRole | null): EventRole | null {
  const own = viewer.kind === 'token' ? viewer.scope.role : null
  const role = wanted ?? own
  if (role !== null && own !== null && !covers(own, role)) {
    throw refused(`may do what ${own} may not, which is what the token may that you use.`)
  }
  if (userIdOf(viewer) !== null) return role
  if (role === null) throw refused('is needed for a token that acts for no user.')
  if (needsPerson(role)) throw refused(`needs a person: only a token that acts for a user can be a ${role}.`)
  return role
}

/** Whether a role may something with what is its own, which nothing is without a person. */
function needsPerson(role: EventRole): boolean {
  return allPermissions.some((permission) => extentOf(role, permission) === 'own')
}

function refused(message: string) {
  return badUserInput([{ path: ['input', 'role'], message }])
}
