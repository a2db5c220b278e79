import type { GraphQLResolveInfo } from 'graphql'
import type { Context } from '../../context.ts'
import type { EventSessionsArgs } from '../../generated/graphql.ts'
import { type Connection, connectionOf } from '../../paging.ts'
import { loadForAllParents } from '../../selection/batch.ts'
import { mergeSelects, type Select } from '../../selection/merge.ts'
import {
  type ConnectionSelection,
  connectionFor,
  type FieldPlan,
  whoseList,
  withCursor,
} from '../../selection/select.ts'
import type { HasSessions, LinksSessions, SessionRow } from '../rows.ts'
import { sessionsMatching } from '../text/text.list.ts'
import { canceledInList, canceledPage, inOneList } from './canceled.list.ts'
import {
  clockColumns,
  guessedClocks,
  hasClock,
  type HasDays,
  keyWithClock,
  readKeys,
  wasTried,
} from './session.day.ts'
import { parseSessionList, sessionPage, type SessionList, sessionsInList } from './session.list.ts'

/** The row whose sessions they are, of the event or an event itself. */
interface Owner extends HasDays {
  readonly eventId?: string
}

/** Reads what the plan had to leave out for many parents at once, by id. */
type FindParents<Row> = (ctx: Context, ids: readonly string[], select: Select) => Promise<Map<string, Row>>

/** What the field `sessions` of an event, a track, a room or a session type needs from the database. */
export const planSessions: FieldPlan<Context> = planned(selectSessions)

/** What the field `sessions` of a speaker needs from the database. */
export const planLinkedSessions: FieldPlan<Context> = planned(selectLinkedSessions)

/** The field `sessions` of an event, a track, a room or a session type. */
export function sessionsField<Row extends HasSessions & Owner>(find: FindParents<Row>) {
  return sessionsConnection<Row>(find, selectSessions, ({ sessions = [], canceled = [] }, list) =>
    inOneList(sessions, canceled, list),
  )
}

/** The field `sessions` of a speaker. */
export function linkedSessionsField<Row extends LinksSessions & Owner>(find: FindParents<Row>) {
  return sessionsConnection<Row>(find, selectLinkedSessions, ({ sessions = [] }) =>
    sessions.map(({ session }) => session),
  )
}

/** The page of the sessions, and their count, as part of the select of the row whose they are. */
type SelectPage = (list: SessionList, ctx: Context, wanted: ConnectionSelection) => Select

/**
 * When a day begins the row's event says, and what a text finds the database: such lists are read after the row, unless the
 * day is guessed.
 */
function planned(selectPage: SelectPage): FieldPlan<Context> {
  return ({ type, args, context, connection }) => {
    const list = parseSessionList(type, argumentsOf(args), context.viewer)
    const isOfDay = list.filter.day != null
    if (list.pieces !== null) return isOfDay ? clockColumns(type) : { id: true }
    if (!isOfDay) return selectPage(list, context, connection())
    const guess = { ...list, clocks: guessedClocks(context), areGuesses: true }
    const page = selectPage(guess, context, connection())
    return mergeSelects(clockColumns(type), page) ?? clockColumns(type)
  }
}

function sessionsConnection<Row extends (HasSessions | LinksSessions) & Owner>(
  find: FindParents<Row>,
  selectPage: SelectPage,
  sessionsOf: (row: Row, list: SessionList) => readonly SessionRow[],
) {
  return async (
    parent: Row,
    args: EventSessionsArgs,
    ctx: Context,
    info: GraphQLResolveInfo,
  ): Promise<Connection<SessionRow>> => {
    const { name: type } = info.parentType
    const list = parseSessionList(type, args, ctx.viewer)
    const load = async (rows: SessionList, ids: readonly string[]) => {
      const matching = list.pieces && (await sessionsMatching(ctx, list.pieces, { type, ids }))
      return find(ctx, ids, selectPage({ ...rows, matching }, ctx, connectionFor(info, ctx)))
    }
    const isFetched = parent.sessions !== undefined || parent._count?.sessions !== undefined
    const ofDay = async () => {
      const owner = hasClock(parent)
        ? parent
        : await loadForAllParents(ctx.batches, info, { id: parent.id, part: 'clock' }, (ids) =>
            find(ctx, ids, clockColumns(type)),
          )
      if (owner !== undefined && wasTried(ctx, owner) && isFetched) return parent
      return owner && loadForAllParents(ctx.batches, info, keyWithClock(owner), loadByKeys)
    }
    const loadByKeys = async (keys: readonly string[]) => {
      const { ids, clocks } = readKeys(keys)
      const found = await load({ ...list, clocks }, ids)
      return new Map(keys.map((key, index) => [key, found.get(ids[index]!)]))
    }
    const row =
      list.filter.day != null
        ? await ofDay()
        : isFetched
          ? parent
          : await loadForAllParents(ctx.batches, info, parent.id, (ids) => load(list, ids))
    if (row === undefined) throw new Error(`What has the id ${parent.id} vanished while the query ran.`)
    return connectionOf(sessionsOf(row, list), list.page, {
      of: row.eventId ?? row.id,
      total: row._count?.sessions === undefined ? undefined : row._count.sessions + canceledCount(row),
    })
  }
}

function selectSessions(list: SessionList, { viewer }: Context, wanted: ConnectionSelection): Select {
  const canceled = haveCanceled.has(list.of) ? canceledPage(list, viewer, wanted.node) : null
  // Both kinds are put in one order by what cursors are made of.
  const wantsCursors = wanted.wantsCursors || canceled !== null
  const page = { ...sessionPage(list, viewer), select: withCursor({ ...wanted, wantsCursors }, list.page) }
  return {
    ...whoseList(wanted, list.page, eventColumn(list.of)),
    sessions: page,
    ...(canceled === null ? {} : { canceled }),
    ...countOf(wanted, {
      sessions: sessionsInList(list, viewer),
      ...(canceled === null ? {} : { canceled: canceledInList(list, viewer)! }),
    }),
  }
}

function selectLinkedSessions(list: SessionList, { viewer }: Context, wanted: ConnectionSelection): Select {
  const { where, orderBy, take } = sessionPage(list, viewer)
  const page = {
    where: { session: where },
    orderBy: orderBy.map((order) => ({ session: order })),
    take,
    select: { session: { select: withCursor(wanted, list.page) } },
  }
  return {
    ...whoseList(wanted, list.page, eventColumn(list.of)),
    sessions: page,
    ...countOf(wanted, { sessions: { session: sessionsInList(list, viewer) } }),
  }
}

/** @param relations those of which rows are counted, each with which */
function countOf({ wantsTotalCount }: ConnectionSelection, relations: Record<string, object>): Select {
  const counted = Object.entries(relations).map(([name, where]) => [name, { where }] as const)
  return wantsTotalCount ? { _count: { select: Object.fromEntries(counted) } } : {}
}

/** Whose lists can have canceled sessions: the public sees no more of one than when and where it would have been. */
const haveCanceled = new Set(['Event', 'Track', 'Room'])

function canceledCount({ _count }: HasSessions | LinksSessions): number {
  return _count !== undefined && 'canceled' in _count ? (_count.canceled ?? 0) : 0
}

/** The column of a type's rows that holds their event. */
function eventColumn(type: string): string {
  return type === 'Event' ? 'id' : 'eventId'
}

/** graphql-js has coerced the arguments to what the SDL says, which the generated types repeat. */
function argumentsOf(args: Readonly<Record<string, unknown>>): EventSessionsArgs {
  return args as unknown as EventSessionsArgs
}
