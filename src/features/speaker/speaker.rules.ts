import { may } from '../../access/may.ts'
import { userIdOf, type Viewer } from '../../access/viewer.ts'
import { heading, line, prose, type TextRule } from '../../text.ts'

/** What the texts of a speaker may hold, whoever writes them. */
export const speakerTexts = {
  name: heading,
  biography: prose,
  organisation: line,
  country: line,
} as const satisfies Record<string, TextRule>

/**
 * When a person can be there, and what files call them, is for the person and the team of the event; the public never sees it.
 */
export function seesWhole(
  viewer: Viewer,
  { eventId, userId }: { readonly eventId: string; readonly userId: string | null },
): boolean {
  return may(viewer, 'speaker:read', { eventId, isOwn: userId !== null && userId === userIdOf(viewer) })
}
