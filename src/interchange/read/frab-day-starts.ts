import { dateIn, type StatedDay, timeIn } from './frab-times.ts'
import { isEarlier, type StatedMoment, momentOf, type TimedMoment } from './moments.ts'
import { lineOf, type Stated } from './stated.ts'

/**
 * When each day of the schedule begins: at the file's day change, else when the day says so. None if a day says nothing, or
 * a session starts before the day that it stands in, or stands in none: then the days may begin at another time.
 */
export function frabDayStarts(
  days: readonly StatedDay[],
  dayChange: Stated,
  sessions: readonly { readonly day: StatedDay; readonly startsAt: StatedMoment | null }[],
): TimedMoment[] {
  const starts = new Map(days.map((day) => [day, startOf(day, dayChange)]))
  const isInItsDay = sessions.every(({ day, startsAt }) => {
    const start = starts.get(day) ?? null
    return startsAt === null || (start !== null && !isEarlier(startsAt, start))
  })
  const known = [...starts.values()].filter((start) => start !== null)
  return isInItsDay && known.length === starts.size ? known : []
}

function startOf({ date, start }: StatedDay, dayChange: Stated): TimedMoment | null {
  const change = timeIn(dayChange)
  const own = change === null ? momentOf(lineOf(start) ?? '') : ''
  if (typeof own !== 'string' && own.kind !== 'day') return own
  const onDate = momentOf(`${dateIn(date ?? start)}T${change ?? timeIn(start)}`)
  return typeof onDate === 'string' || onDate.kind === 'day' ? null : onDate
}
