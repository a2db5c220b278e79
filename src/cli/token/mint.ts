import os from 'node:os'
import { cleanLine } from '../../text.ts'
import { defineCommand } from 'citty'
import { allPermissions, type Permission } from '../../access/permissions.ts'
import { userViewer } from '../../access/viewer.ts'
import type { Context } from '../../context.ts'
import { idsOfSlugs } from '../../features/event/event.list.ts'
import { mintOwnToken } from '../../features/token/token.ts'
import type { EventRole } from '../../generated/prisma/client.ts'
import { valid } from '../../input.ts'
import { refuseUnknown } from '../arguments.ts'
import { explain } from '../explain.ts'
import { personOf } from '../person.ts'
import { asOperator } from '../with-database.ts'
import { endOf } from './end-of-life.ts'

/** The roles that are nobody's own: what a token without a person can act like. */
const roles = ['organizer', 'co_organizer', 'moderator', 'owner', 'reviewer'] as const

const args = {
  role: { type: 'string', valueHint: roles.join('|'), description: 'what the token acts like' },
  user: {
    type: 'string',
    valueHint: 'SUBJECT',
    description: 'the person for whom it acts instead, with what they may at the time; made where unknown',
  },
  issuer: {
    type: 'string',
    description: 'whose SUBJECT that is: OIDC_ISSUER, or "local" where there is none',
  },
  event: { type: 'string', valueHint: 'SLUG,SLUG', description: 'the events that it is held to' },
  permission: {
    type: 'string',
    valueHint: 'NAME,NAME',
    description: 'the permissions that it is held to, such as session:read',
  },
  label: {
    type: 'string',
    description: 'what it is for, for people; without it, when, where and by whom it was minted',
  },
  days: { type: 'string', description: 'how many days it is good for; without it, until it is revoked' },
  expires: {
    type: 'string',
    valueHint: 'INSTANT',
    description: 'or until when: 2027-01-01 (midnight in UTC)',
  },
} as const

export const mintTokenCommand = defineCommand({
  meta: {
    name: 'npm run --silent token --',
    description:
      'Mints a bearer token and prints it, nothing else, to standard output. It is shown this once only. ' +
      'Other commands: list, rotate ID, revoke ID.',
  },
  args,
  async run({ args: given, rawArgs }) {
    await explain(async () => {
      refuseUnknown(args, rawArgs)
      const role = roleOf(given)
      const permissions = permissionsOf(given.permission)
      const expiresAt = endOf(given.days, given.expires, new Date())
      const secret = await asOperator(async (operator, config) => {
        const person =
          given.user === undefined ? null : await personOf(operator.db, config, given.user, given.issuer)
        const ctx: Context = person === null ? operator : { ...operator, viewer: userViewer(person) }
        const eventIds = await idsOfSlugs(operator, namesOf(given.event))
        const wanted = {
          label: given.label ?? mintedHere(new Date()),
          role,
          eventIds,
          permissions,
          expiresAt,
        }
        return (await mintOwnToken(ctx, valid(wanted), { id: true })).secret
      })
      process.stdout.write(`${secret}\n`)
    })
  },
})

/** @throws RangeError */
function roleOf({
  role,
  user,
}: {
  readonly role: string | undefined
  readonly user: string | undefined
}): EventRole | null {
  if (role === undefined && user === undefined) {
    throw new RangeError('Say what the token may do: --role organizer, or for whom it acts: --user SUBJECT')
  }
  if (role === undefined) return null
  const known = roles.find((one) => one === role.replace('-', '_'))
  if (known === undefined)
    throw new RangeError(`--role is one of ${roles.join(', ')}, not ${JSON.stringify(role)}.`)
  return known.toUpperCase() as EventRole
}

/** @throws RangeError */
function permissionsOf(text: string | undefined): Permission[] {
  return namesOf(text).map((name) => {
    const known = allPermissions.find((one) => one === name)
    if (known !== undefined) return known
    throw new RangeError(`There is no permission ${JSON.stringify(name)}: ${allPermissions.join(', ')}.`)
  })
}

function namesOf(text: string | undefined): string[] {
  return text === undefined ? [] : text.split(',').map((name) => name.trim())
}

/** 'minted 2026-11-26 19:20 UTC on HOST by USER', so that a history reads like names. */
function mintedHere(now: Date): string {
  const when = now.toISOString().slice(0, 16).replace('T', ' ')
  return cleanLine(`minted ${when} UTC on ${os.hostname()} by ${userName()}`, 200) ?? `minted ${when} UTC`
}

/** The system may know no name of who runs this. */
function userName(): string {
  try {
    return os.userInfo().username
  } catch {
    return `user ${process.getuid?.() ?? 'unknown'}`
  }
}
