import type { GraphQLResolveInfo } from 'graphql'
import type { Context } from '../../context.ts'
import { loadForAllParents } from '../../selection/batch.ts'
import type { Select } from '../../selection/merge.ts'
import { type FieldPlan, selectFor } from '../../selection/select.ts'
import type { HasSlots, SessionRow, SlotRow } from '../rows.ts'
import { isHeldAt, isNotOver, publicStates, visibleSessions } from './session.rules.ts'

/** What of a room's slots a field gives. */
type Which = 'current' | 'next'

/** A row with slots, by whose id they are loaded where the plan of the row had to leave them out. */
type Owner = HasSlots & { readonly id: string }

type FindParents<Row> = (ctx: Context, ids: readonly string[], select: Select) => Promise<Map<string, Row>>

interface AtArguments {
  readonly at?: Date | null
}

/**
 * What the field `currentSession` or `nextSession` of a room needs from the database. Without `at` both need the same rows,
 * so that one statement gives both; a column that only one of them asks for tells for whom they were fetched.
 */
export function planSlot(which: Which): FieldPlan<Context> {
  return ({ args, context, select }) =>
    args['at'] == null ? slotsNotOver(context, requestedAt(context), which, select()) : { id: true }
}

/** The field `currentSession` or `nextSession` of a room. */
export function slotField<Row extends Owner>(find: FindParents<Row>, which: Which) {
  return async (
    room: Row,
    { at }: AtArguments,
    ctx: Context,
    info: GraphQLResolveInfo,
  ): Promise<SessionRow | null> => {
    const moment = at ?? requestedAt(ctx)
    const wasPlanned = at == null && room.slots?.every((slot) => columns[which] in slot) === true
    const { slots = [] } = wasPlanned
      ? room
      : await slotsOf(room, ctx, info, (ids) =>
          find(ctx, ids, slotsNotOver(ctx, moment, which, selectFor(info, ctx))),
        )
    const begun = slots.filter(({ startsAt }) => startsAt <= moment)
    const slot = which === 'current' ? begun.at(-1) : slots[begun.length]
    return slot?.session ?? null
  }
}

/** What the field `currentSessions` of an event needs from the database. */
export const planCurrentSessions: FieldPlan<Context> = ({ args, context, select }) =>
  args['at'] == null ? slotsHeld(context, requestedAt(context), select()) : { id: true }

/** The field `currentSessions` of an event. */
export function currentSessionsField<Row extends Owner>(find: FindParents<Row>) {
  return async (event: Row, { at }: AtArguments, ctx: Context, info: GraphQLResolveInfo) => {
    const wasPlanned = at == null && event.slots !== undefined
    const { slots = [] } = wasPlanned
      ? event
      : await slotsOf(event, ctx, info, (ids) =>
          find(ctx, ids, slotsHeld(ctx, at ?? requestedAt(ctx), selectFor(info, ctx))),
        )
    return slots.map(({ session }) => session)
  }
}

async function slotsOf<Row extends Owner>(
  { id }: Row,
  ctx: Context,
  info: GraphQLResolveInfo,
  load: (ids: readonly string[]) => ReturnType<FindParents<Row>>,
): Promise<{ readonly slots?: readonly SlotRow[] }> {
  return (await loadForAllParents(ctx.batches, info, id, load)) ?? {}
}

const columns = { current: 'endsAt', next: 'day' } as const
const byStart = [{ startsAt: 'asc' }, { sessionId: 'asc' }] as const

/** Rooms have one session at a time, or some that overlap by mistake; behind those comes the next one. */
const mostInRoom = 20
const mostAtOnce = 200

function slotsNotOver(ctx: Context, at: Date, which: Which, session: Select): Select {
  const select = { startsAt: true, [columns[which]]: true, session: { select: session } }
  return { slots: { where: takingPlace(ctx, isNotOver(at)), orderBy: byStart, take: mostInRoom, select } }
}

function slotsHeld(ctx: Context, at: Date, session: Select): Select {
  const select = { session: { select: session } }
  return { slots: { where: takingPlace(ctx, isHeldAt(at)), orderBy: byStart, take: mostAtOnce, select } }
}

/** Of what the viewer sees, only what takes place: a rejected session isn't on, whoever looks. */
function takingPlace({ viewer }: Context, slot: object): object {
  return {
    ...slot,
    session: { AND: [visibleSessions(viewer), { state: { in: [...publicStates] } }, { deletedAt: null }] },
  }
}

/** The moment that "now" is in all of a request, so that its fields agree. */
function requestedAt({ batches, clock }: Context): Date {
  const known = moments.get(batches)
  if (known !== undefined) return known
  const moment = clock()
  moments.set(batches, moment)
  return moment
}

const moments = new WeakMap<Context['batches'], Date>()
