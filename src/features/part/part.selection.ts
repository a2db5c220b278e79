import type { Context } from '../../context.ts'
import type { FieldPlan, TypePlan } from '../../selection/select.ts'
import type { Period } from '../../time/period.ts'

/** A period as resolvers are given it; the event's zone is there where its clock is to be read. */
export interface PeriodRow extends Period {
  readonly event: { readonly timeZone: string }
}

/** What the fields of a period need. */
export const periodPlan: TypePlan<Context> = {
  startsAtLocal: ({ args }) => (args['timeZone'] ? { startsAt: true } : { event: true }),
  endsAtLocal: ({ args }) => (args['timeZone'] ? { endsAt: true } : { event: true }),
}

/** What a field needs that gives periods: the columns of their begins and ends. */
export function periodsPlan(from: string, until: string): FieldPlan<Context> {
  return ({ select }) => ({
    [from]: true,
    [until]: true,
    ...('event' in select() ? { event: { select: { timeZone: true } } } : {}),
  })
}

/** The periods of two such columns. */
export function periodRows(
  starts: readonly Date[],
  ends: readonly Date[],
  event: PeriodRow['event'],
): PeriodRow[] {
  return starts.map((startsAt, index) => ({ startsAt, endsAt: ends[index]!, event }))
}
