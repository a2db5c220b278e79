import type { Permission } from '../../access/permissions.ts'
import type { MintTokenInput } from '../../generated/graphql.ts'
import { type Parsed, readInput } from '../../input.ts'
import { heading } from '../../text.ts'
import type { NewToken } from './token.rules.ts'

export function parseNewToken(input: MintTokenInput): Parsed<NewToken> {
  const read = readInput('input')
  const { label, role = null, eventIds = null, expiresAt = null } = input
  // The schema hands over the table's names; the generated type knows only those of the SDL.
  const permissions = (input.permissions ?? null) as unknown as Permission[] | null
  read.text('label', label, { ...heading, maxLength: 200 })
  if (eventIds !== null && (eventIds.length === 0 || eventIds.length > 100)) {
    read.fault('eventIds', 'names 1 to 100 events; leave it out for a token that is held to none.')
  }
  if (permissions?.length === 0) {
    read.fault('permissions', 'is empty: such a token could do nothing. Leave it out for all permissions.')
  }
  const scope = { eventIds: eventIds ?? [], permissions: [...new Set(permissions)] }
  return { values: { label, role, ...scope, expiresAt }, issues: read.issues }
}
