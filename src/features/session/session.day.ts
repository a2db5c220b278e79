import type { Context } from '../../context.ts'
import { createRecent } from '../../recent.ts'
import type { Select } from '../../selection/merge.ts'
import { type DayClock, spanOfDay } from '../../time/days.ts'

/** A row whose sessions of a day are asked for: an event with its clock, or a row of an event with that. */
export interface HasDays extends Partial<DayClock> {
  readonly id: string
  readonly event?: Partial<DayClock>
}

export function hasClock(row: HasDays): boolean {
  return (row.event ?? row).dayStartsAt !== undefined && (row.event ?? row).timeZone !== undefined
}

/** The clocks by which days were asked for last, and how many of them are tried. */
const lately = createRecent<DayClock>(4)
const guesses = new WeakMap<Context['batches'], readonly DayClock[]>()

/**
 * The clocks that a request tries before it knows that of the event, so that the row and its sessions of the day come by one
 * statement; the same all through the request. Few events are asked for at a time, and most of them have one zone. A wrong
 * guess costs a statement: sessions are found by a clock only if it is that of their event. Statements that are compiled once
 * for many requests have no guess, as they have no `batches`.
 */
export function guessedClocks({ batches }: Context): readonly DayClock[] {
  let clocks = guesses.get(batches)
  if (clocks === undefined) {
    clocks = lately.values()
    guesses.set(batches, clocks)
  }
  return clocks
}

/** Whether the request has tried the clock of the event of a row, which has it. The next requests will. */
export function wasTried(ctx: Context, row: HasDays): boolean {
  const { timeZone, dayStartsAt } = (row.event ?? row) as DayClock
  lately.set(`${dayStartsAt} ${timeZone}`, { timeZone, dayStartsAt }, 1)
  return guessedClocks(ctx).some((clock) => clock.timeZone === timeZone && clock.dayStartsAt === dayStartsAt)
}

/** The columns of the row that say when the days of its event begin. @param type of the row: 'Event', 'Track' ... */
export function clockColumns(type: string): Select {
  const clock = { timeZone: true, dayStartsAt: true }
  return { id: true, ...(type === 'Event' ? clock : { event: { select: clock } }) }
}

/** The row's id and the clock of its event in one text, for loaders, which know a row by one. */
export function keyWithClock(row: HasDays): string {
  const { timeZone, dayStartsAt } = row.event ?? row
  return [row.id, dayStartsAt, timeZone].join(' ')
}

/** The ids of such keys, and each clock once. */
export function readKeys(keys: readonly string[]): {
  readonly ids: readonly string[]
  readonly clocks: readonly DayClock[]
} {
  const read = keys.map((key) => key.split(' ') as [id: string, dayStartsAt: string, timeZone: string])
  const clocks = new Map(
    read.map(([, dayStartsAt, timeZone]) => [`${dayStartsAt} ${timeZone}`, { dayStartsAt, timeZone }]),
  )
  return { ids: read.map(([id]) => id), clocks: [...clocks.values()] }
}

/**
 * Sessions, canceled ones too, that begin on a day of their event. The days are those of `time/days.ts`: PostgreSQL has other
 * tables of time zones, and one day must not begin at two instants.
 *
 * @param clocks of all events whose sessions are asked for
 * @param areGuesses whether an event may have another clock; none of its sessions are found then
 */
export function onDay(day: string, clocks: readonly DayClock[], areGuesses = false) {
  return {
    OR: clocks.map((clock) => {
      const { startsAt, endsAt } = spanOfDay(day, clock)
      const event = { timeZone: clock.timeZone, dayStartsAt: clock.dayStartsAt }
      return {
        startsAt: { gte: startsAt, lt: endsAt },
        ...(clocks.length === 1 && !areGuesses ? {} : { event }),
      }
    }),
  }
}
