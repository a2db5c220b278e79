import { forbidden, unauthenticated } from '../errors.ts'

/** Who is asking. */
export type Viewer =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'token'; readonly tokenId: string; readonly role: 'ORGANIZER' }
  /** Whoever runs our commands beside the server. */
  | { readonly kind: 'operator' }

export const anonymous: Viewer = { kind: 'anonymous' }

/** Organizers see everything and edit everything; everybody else reads what is public. */
export function isOrganizer(viewer: Viewer): boolean {
  return viewer.kind === 'operator' || (viewer.kind === 'token' && viewer.role === 'ORGANIZER')
}

/** @throws UNAUTHENTICATED for an anonymous viewer, FORBIDDEN for one whose token says otherwise */
export function requireOrganizer(viewer: Viewer): void {
  if (isOrganizer(viewer)) return
  if (viewer.kind === 'anonymous') {
    throw unauthenticated(
      'This needs the token of an organizer: send the header "Authorization: Bearer TOKEN".',
    )
  }
  throw forbidden('This needs the token of an organizer; yours has another role.')
}

/** How the history names the viewer; an anonymous one changes nothing. */
export function actorName(viewer: Viewer): string {
  return viewer.kind === 'token' ? `token:${viewer.tokenId}` : viewer.kind
}
