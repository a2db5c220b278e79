import { reachOf } from '../../access/may.ts'
import type { Viewer } from '../../access/viewer.ts'
import type { Prisma } from '../../generated/prisma/client.ts'
import { heading, prose, type TextRule } from '../../text.ts'

/** The events that the viewer may see: everybody the published ones, who works on a draft or speaks there that too. */
export function visibleEvents(viewer: Viewer): Prisma.EventWhereInput {
  const { everywhere, eventIds } = reachOf(viewer, 'event:read')
  if (everywhere) return { deletedAt: null }
  if (eventIds.length === 0) return { deletedAt: null, state: 'PUBLISHED' }
  return { deletedAt: null, OR: [{ state: 'PUBLISHED' }, { id: { in: [...eventIds] } }] }
}

/** What a programme is put together from, as far as the viewer may see it: with its event. */
export function visibleParts(viewer: Viewer) {
  return { deletedAt: null, event: visibleEvents(viewer) }
}

/** The event that a slug leads to, be it the slug of now or one of before. No two events share one. */
export function ledToBy(slug: string): Prisma.EventWhereInput {
  return { OR: [{ slug }, { formerSlugs: { has: slug } }] }
}

/** A day that began in the afternoon would have most of what is held on it belong to the day before. */
export const latestDayStart = '12:00'

/** What the texts of an event may hold, whoever writes them. */
export const eventTexts = {
  name: { ...heading, maxLength: 300 },
  description: prose,
} as const satisfies Record<string, TextRule>

/** An event's name in addresses. */
export function isSlug(text: string): boolean {
  return text.length <= 100 && /^[a-z0-9]+(-[a-z0-9]+)*$/.test(text)
}
