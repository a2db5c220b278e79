import type { Context } from '../../context.ts'
import { badUserInput, type InputIssue, noneInEvent } from '../../errors.ts'
import { checkAll } from '../../input.ts'
import { isId } from '../../paging.ts'
import { asRow } from '../../selection/as-rows.ts'
import { dependsOnEventZone, faultOfSpan, fieldOfSpan, instantsOf, type Moment } from '../../time/moment.ts'
import { visibleEvents } from '../event/event.rules.ts'
import type { PartPlace, PartTable } from '../part/part.ts'
import type { Period } from '../../time/period.ts'
import type { BreakRow } from '../rows.ts'
import { shownBreaks } from './break.rules.ts'

/** The values of a break that people edit. */
export interface BreakValues {
  readonly name: string
  readonly startsAt: Moment
  readonly endsAt: Moment
  /** null: everywhere. */
  readonly roomId: string | null
}

export const breaks: PartTable<BreakValues, BreakValues, BreakRow> = {
  entity: 'BREAK',
  permissions: { edit: 'programme:edit', manage: 'programme:edit' },
  isOrdered: false,
  dependsOnEventZone,
  async creation(tx, place, { name, roomId, ...moments }) {
    const { eventId } = place
    const [times] = await checkAll(
      [],
      [() => timesOf(moments, null, place, 'input'), () => requireRoom(tx, eventId, roomId, 'input')],
    )
    return () => tx.db.break.create({ data: { name, roomId, ...times, eventId }, select: { id: true } })
  },
  async change(tx, held, { startsAt, endsAt, ...columns }) {
    const { id, eventId } = held
    const stored = await tx.db.break.findUniqueOrThrow({
      where: { id },
      select: { startsAt: true, endsAt: true },
    })
    const [times] = await checkAll(
      [],
      [
        () => timesOf({ startsAt, endsAt }, stored, held, 'patch'),
        () => requireRoom(tx, eventId, columns.roomId, 'patch'),
      ],
    )
    return () => tx.db.break.update({ where: { id }, data: { ...columns, ...times }, select: { id: true } })
  },
  read: async ({ db }, id, select) => asRow(await db.break.findUniqueOrThrow({ where: { id }, select })),
  countSeen: ({ db, viewer }, id) =>
    db.break.count({ where: { id, ...shownBreaks, event: visibleEvents(viewer) } }),
}

/** @param stored the times that stay where the values name none; null where there are none yet */
function timesOf(
  moments: { readonly startsAt?: Moment | undefined; readonly endsAt?: Moment | undefined },
  stored: Period | null,
  { timeZone }: PartPlace,
  argument: string,
): Period {
  const issues: InputIssue[] = []
  const named = instantsOf(moments, { eventZone: timeZone, path: [argument], issues })
  const startsAt = named.startsAt ?? stored?.startsAt
  const endsAt = named.endsAt ?? stored?.endsAt
  if (issues.length > 0 || startsAt === undefined || endsAt === undefined) throw badUserInput(issues)
  const fault = faultOfSpan('break', { startsAt, endsAt })
  if (fault === null) return { startsAt, endsAt }
  throw badUserInput([{ path: [argument, fieldOfSpan(moments)], message: fault }])
}

/** @throws BAD_USER_INPUT where the room isn't the event's, or is deleted */
async function requireRoom(
  { db }: Context,
  eventId: string,
  roomId: string | null | undefined,
  argument: string,
): Promise<void> {
  if (roomId === null || roomId === undefined) return
  const found = isId(roomId) ? await db.room.count({ where: { id: roomId, eventId, deletedAt: null } }) : 0
  if (found > 0) return
  throw badUserInput([noneInEvent([argument, 'roomId'], 'room', roomId)])
}
