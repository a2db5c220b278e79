import { mayAnywhere, type Reach, reachOf } from '../../access/may.ts'
import type { Viewer } from '../../access/viewer.ts'
import type { Prisma, SessionState } from '../../generated/prisma/client.ts'
import { heading, line, prose, type TextRule } from '../../text.ts'
import { isInRange, outOfRange } from '../../time/instant.ts'
import { faultOfSpan, type Times } from '../../time/moment.ts'
import { visibleEvents } from '../event/event.rules.ts'

/** What the texts of a session may hold, whoever writes them. */
export const sessionTexts = {
  title: heading,
  subtitle: line,
  abstract: prose,
  description: prose,
  language: { ...line, maxLength: 100 },
} as const satisfies Record<string, TextRule>

/** The most speakers that a session may have. */
export const mostSpeakers = 50

/** How many speakers an answer shows: as many as 200 sessions have if each has half as many again as its price counts on. */
export const speakersOfAnAnswer = 3_000

/** The states in which the public sees a session of a published event. */
export const publicStates: readonly SessionState[] = ['ACCEPTED', 'CONFIRMED']

/** The sessions of an event that the viewer sees already that the viewer may see, too. */
export function visibleSessions(viewer: Viewer): Prisma.SessionWhereInput {
  return { deletedAt: null, ...readable(viewer) }
}

/** These, and the deleted ones that the viewer may see. */
export function visibleOrDeletedSessions(viewer: Viewer): Prisma.SessionWhereInput {
  const reach = reachOf(viewer, 'session:read-deleted')
  if (reach.everywhere) return readable(viewer)
  const deleted = within(reach).map((where) => ({ ...where, deletedAt: { not: null } }))
  return deleted.length === 0 ? visibleSessions(viewer) : { OR: [visibleSessions(viewer), ...deleted] }
}

/** The same where nothing says yet that the viewer sees the event. */
export function visibleSessionsAnywhere(viewer: Viewer): Prisma.SessionWhereInput {
  return { AND: [visibleOrDeletedSessions(viewer), { event: visibleEvents(viewer) }] }
}

/** The sessions that a permission reaches, as alternatives; none where it reaches none, `{}` where it reaches all. */
export function within({
  everywhere,
  eventIds,
  trackIds,
  speakerOf,
  speaksAt,
}: Reach): Prisma.SessionWhereInput[] {
  if (everywhere) return [{}]
  return [
    ...(eventIds.length > 0 ? [{ eventId: { in: [...eventIds] } }] : []),
    ...(trackIds.length > 0 ? [{ trackId: { in: [...trackIds] } }] : []),
    ...(speakerOf === null
      ? []
      : [
          {
            eventId: { in: [...speaksAt] },
            speakers: { some: { speaker: { userId: speakerOf, deletedAt: null } } },
          },
        ]),
  ]
}

/** What is wrong with the times of a session, in words for the person who sent them; null where nothing is. */
export function faultOfTimes(startsAt: Date | null, endsAt: Date | null): string | null {
  if (endsAt === null) return null
  if (startsAt === null) return 'A session can only end where it starts: set both, or none.'
  return faultOfSpan('session', { startsAt, endsAt })
}

/** When a session is, and how long its type says that it is; null where it doesn't, or there is none. */
export interface Length extends Times {
  readonly typeMinutes: number | null
}

/** What is wrong with an end that follows from a start and a length; null if nothing is. */
export function faultOfEnd(endsAt: Date | null): string | null {
  return endsAt === null || isInRange(endsAt) ? null : `The session would end ${outOfRange}`
}

/**
 * The end of a session that begins then: it is as long as before, in elapsed time, else as its type says; null where
 * nothing says how long that is.
 */
export function endAfter({ startsAt, endsAt, typeMinutes }: Length, start: Date | null): Date | null {
  if (start === null) return null
  if (startsAt !== null && endsAt !== null) return new Date(start.getTime() + (+endsAt - +startsAt))
  return typeMinutes === null ? null : new Date(start.getTime() + typeMinutes * 60_000)
}

function readable(viewer: Viewer): Prisma.SessionWhereInput {
  const reach = reachOf(viewer, 'session:read')
  if (reach.everywhere) return {}
  const inPublicState = { state: { in: [...publicStates] } }
  // Who sees the drafts of events must not take what stands in one for public.
  const isPublic = mayAnywhere(viewer, 'event:read')
    ? { ...inPublicState, event: { state: 'PUBLISHED' as const } }
    : inPublicState
  const reached = within(reach)
  return reached.length === 0 ? isPublic : { OR: [isPublic, ...reached] }
}

/** The slots of what is being held at an instant. What is known to begin only is held at its first moment. */
export function isHeldAt(at: Date): Prisma.SlotWhereInput {
  return { startsAt: { lte: at }, OR: [{ endsAt: { gt: at } }, { endsAt: null, startsAt: at }] }
}

/** The slots of what is being held at an instant, and of what comes after. */
export function isNotOver(at: Date): Prisma.SlotWhereInput {
  return { OR: [{ endsAt: { gt: at } }, { endsAt: null, startsAt: { gte: at } }] }
}
