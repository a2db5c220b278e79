import { may, mayAnywhere, reachOf } from '../../access/may.ts'
import type { Context } from '../../context.ts'
import type { ConflictKind } from '../../generated/graphql.ts'
import { type ConflictQuery, type ConflictRow, conflictsStatement } from './schedule.conflicts.ts'
import { kindsInOrder } from './schedule.rules.ts'
import { visibleConflicts } from './schedule.visibility.ts'

/** Which conflicts of an event are wanted. */
export interface ConflictFilter {
  readonly kinds: readonly ConflictKind[]
  readonly first: number
}

/** What of the conflicts of these events the viewer may know of, by event, the worst first. */
export async function conflictsOfEvents(
  ctx: Context,
  eventIds: readonly string[],
  filter: ConflictFilter,
): Promise<Map<string, ConflictRow[]>> {
  const whole = eventIds.filter((eventId) => may(ctx.viewer, 'schedule:read', { eventId }))
  const others = eventIds.filter((eventId) => !whole.includes(eventId))
  const sessionIds = await ownSessionsAt(ctx, others)
  const found = await readConflicts(ctx, { eventIds: whole, sessionIds, per: 'event', ...filter })
  return groupedBy(found, ({ eventId }) => eventId)
}

/** The same of sessions, by session. */
export async function conflictsOfSessions(
  ctx: Context,
  sessionIds: readonly string[],
): Promise<Map<string, ConflictRow[]>> {
  const found = await readConflicts(ctx, { ...all, first: mostOfSession, sessionIds, per: 'session' })
  return groupedBy(found, ({ about }) => about ?? '')
}

/** The same of sessions together: a conflict of two of them is told once. */
export async function conflictsAmong(ctx: Context, sessionIds: readonly string[]): Promise<ConflictRow[]> {
  return readConflicts(ctx, { ...all, sessionIds, per: 'all' })
}

/** How many conflicts are told of at most. */
export const mostConflicts = 1_000

/** Of one session. */
const mostOfSession = 100

const all = { eventIds: [], kinds: kindsInOrder, first: mostConflicts }

async function readConflicts(ctx: Context, query: ConflictQuery): Promise<ConflictRow[]> {
  const asksForNone = query.eventIds.length === 0 && query.sessionIds.length === 0
  if (asksForNone || !mayAnywhere(ctx.viewer, 'schedule:read')) return []
  return visibleConflicts(ctx, await ctx.db.$queryRaw<ConflictRow[]>(conflictsStatement(query)))
}

/** The sessions at these events that the viewer is a speaker of, as far as their conflicts are the viewer's. */
async function ownSessionsAt({ db, viewer }: Context, eventIds: readonly string[]): Promise<string[]> {
  const { speakerOf } = reachOf(viewer, 'schedule:read')
  if (speakerOf === null || eventIds.length === 0) return []
  const rows = await db.sessionSpeaker.findMany({
    where: { eventId: { in: [...eventIds] }, speaker: { userId: speakerOf, deletedAt: null } },
    orderBy: { sessionId: 'asc' },
    select: { sessionId: true },
  })
  return rows.map(({ sessionId }) => sessionId)
}

function groupedBy(
  conflicts: readonly ConflictRow[],
  keyOf: (conflict: ConflictRow) => string,
): Map<string, ConflictRow[]> {
  const groups = new Map<string, ConflictRow[]>()
  for (const conflict of conflicts) {
    const group = groups.get(keyOf(conflict))
    if (group === undefined) groups.set(keyOf(conflict), [conflict])
    else group.push(conflict)
  }
  return groups
}
