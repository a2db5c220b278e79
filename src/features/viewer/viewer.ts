import { may, reachOf } from '../../access/may.ts'
import { allPermissions, covers, type Permission, serverPermissions } from '../../access/permissions.ts'
import type { Grant, Viewer } from '../../access/viewer.ts'
import type { Context } from '../../context.ts'
import type { EventRole } from '../../generated/prisma/client.ts'
import type { Select } from '../../selection/merge.ts'
import { visibleEventsOfSets } from '../event/event.list.ts'
import type { EventRow } from '../rows.ts'

/** A viewer who came in one way. */
export type ViewerOf<Kind extends Viewer['kind']> = Viewer & { readonly kind: Kind }

/** What a viewer is at an event; null: at every one. */
export interface HeldRole {
  readonly role: EventRole
  readonly eventId: string | null
  readonly event: EventRow | null
  readonly trackIds: readonly string[]
}

/** A permission at an event, and how far it goes there. */
export interface GrantedPermission {
  readonly permission: Permission
  readonly extent: 'ALL' | 'OWN'
}

/** The roles at events that the viewer may see, by the start of the event. One statement. */
export async function rolesOf(ctx: Context, select: Select): Promise<HeldRole[]> {
  const grants = ctx.viewer.grants.flatMap((grant) => {
    const role = roleOf(grant)
    return role === null ? [] : [{ ...grant, role }]
  })
  const ids = [...new Set(grants.flatMap(({ eventId }) => eventId ?? []))]
  const events = await visibleEventsOfSets(ctx, ids, { ...select, startsAt: true })
  return grants
    .flatMap(({ role, eventId, trackIds }): HeldRole[] => {
      if (eventId === null) return [{ role, eventId, event: null, trackIds }]
      return (events.get(eventId) ?? []).map((event) => ({ role, eventId, event, trackIds }))
    })
    .toSorted((one, other) => startOf(one) - startOf(other))
}

/** What the viewer may do that lies in no event, or in all of them. */
export function permissionsEverywhere(viewer: Viewer): Permission[] {
  return allPermissions.filter((permission) => reachOf(viewer, permission).everywhere)
}

/** What the viewer may do at an event, and how far that goes. */
export function permissionsAt(viewer: Viewer, eventId: string): GrantedPermission[] {
  return allPermissions.flatMap((permission): GrantedPermission[] => {
    if (serverPermissions.includes(permission)) return []
    if (may(viewer, permission, { eventId })) return [{ permission, extent: 'ALL' }]
    return hasOwn(viewer, permission, eventId) ? [{ permission, extent: 'OWN' }] : []
  })
}

function hasOwn(viewer: Viewer, permission: Permission, eventId: string): boolean {
  const { trackIds, speaksAt } = reachOf(viewer, permission)
  const tracksHere = viewer.grants
    .filter((grant) => grant.eventId === eventId)
    .flatMap((grant) => grant.trackIds)
  return speaksAt.includes(eventId) || tracksHere.some((id) => trackIds.includes(id))
}

/** The role that a grant shows; null where it is none at events. */
function roleOf({ role, atMost = null }: Grant): EventRole | null {
  if (role === 'ADMIN' || role === 'VISITOR' || role === 'ANONYMOUS') return null
  return atMost !== null && covers(role, atMost) ? atMost : role
}

function startOf({ event }: HeldRole): number {
  return event?.startsAt.getTime() ?? 0
}
