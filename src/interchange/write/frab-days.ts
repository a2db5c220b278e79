import { createHash } from 'node:crypto'
import { dayAt, spanOfDay } from '../../time/days.ts'
import { offsetAt } from '../../time/wall-clock.ts'
import type { Programme, ProgrammeRoom, ProgrammeSession } from '../programme.ts'

/** One day of a programme as Pentabarf, frab and pretalx have it: rooms, and what is in them. */
export interface FrabDay {
  /** From 1 on. */
  readonly index: number
  /** 'YYYY-MM-DD' */
  readonly date: string
  readonly startsAt: Date
  readonly endsAt: Date
  /** All rooms of the programme on each day, in its order; null for what has a time but no room. */
  readonly rooms: readonly { readonly room: ProgrammeRoom | null; readonly sessions: readonly Placed[] }[]
}

export type Placed = ProgrammeSession & { readonly startsAt: Date }

/** The days on which something is; what has no time yet is on none. There is one day at least. */
export function frabDays({ event, rooms, sessions }: Programme): FrabDay[] {
  const placed = sessions.filter((session): session is Placed => session.startsAt !== null)
  const byDay = new Map<string, Placed[]>()
  for (const session of placed) {
    const date = dayAt(session.startsAt, event)
    byDay.set(date, [...(byDay.get(date) ?? []), session])
  }
  if (byDay.size === 0) byDay.set(dayAt(event.startsAt, event), [])
  return [...byDay.entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([date, itsSessions], index) => {
      const inRoom = (room: ProgrammeRoom | null) => itsSessions.filter((session) => session.room === room)
      const roomless = inRoom(null)
      return {
        index: index + 1,
        date,
        ...spanOfDay(date, event),
        rooms: [
          ...rooms.map((room) => ({ room, sessions: inRoom(room) })),
          ...(roomless.length === 0 ? [] : [{ room: null, sessions: roomless }]),
        ],
      }
    })
}

/** '2027-03-27T10:00:00+01:00', with milliseconds if there are some. */
export function localInstant(instant: Date, timeZone: string): string {
  const second = new Date(Math.floor(+instant / 1_000) * 1_000)
  const fraction = +instant === +second ? '' : `.${String(+instant - +second).padStart(3, '0')}`
  const minutes = Math.round(offsetAt(second, timeZone) / 60_000)
  const local = new Date(+second + minutes * 60_000).toISOString().slice(0, 19)
  const [hour, minute] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60].map(twoDigits)
  return `${local}${fraction}${minutes < 0 ? '-' : '+'}${hour}:${minute}`
}

/** How long a session takes: '00:45'; '00:00' if its end is open. */
export function durationOf({ startsAt, endsAt }: Placed): string {
  const minutes = endsAt === null ? 0 : Math.round((+endsAt - +startsAt) / 60_000)
  return `${twoDigits(Math.floor(minutes / 60))}:${twoDigits(minutes % 60)}`
}

/**
 * How long sessions take as schedule.xml has it, with days for those of a day and more: '1:06:00' is a day and six hours.
 * giggity gives up a schedule in which it finds an hour beyond 23. Where a third part would be taken for seconds, beside no
 * other duration or for more than the event takes, only what has no room in two digits of hours has days.
 */
export function durationsWithDays({ event, sessions }: Programme): (session: Placed) => string {
  const lengths = sessions.map(({ startsAt, endsAt }) => +(endsAt ?? 0) - +(startsAt ?? 0))
  const areDaysClear = lengths.some((length) => length >= 60_000 && length < aDay)
  const ofEvent = +event.endsAt - +event.startsAt
  return (session) => {
    const [hours, minutes] = durationOf(session).split(':').map(Number) as [number, number]
    const most = areDaysClear && (hours * 60 + minutes) * 60_000 <= ofEvent ? 23 : 99
    const days = hours <= most ? [] : [String(Math.floor(hours / 24))]
    return [...days, twoDigits(hours <= most ? hours : hours % 24), twoDigits(minutes)].join(':')
  }
}

const aDay = 86_400_000

function twoDigits(number: number): string {
  return String(number).padStart(2, '0')
}

/** A short name of four characters at least, of which the import makes the same slug again. */
export function acronymOf(slug: string): string {
  return slug.replaceAll('-', '_').padEnd(4, '_')
}

/** Another word for each schedule: it follows from what is when and where. */
export function scheduleVersion({ sessions }: Programme): string {
  const hash = createHash('sha256')
  for (const { guid, title, startsAt, endsAt, room } of sessions) {
    if (startsAt !== null) hash.update(JSON.stringify([guid, title, startsAt, endsAt, room?.guid]))
  }
  return hash.digest('hex').slice(0, 8)
}

/** Where one session is told of, under a name that stays when the programme moves to another server. */
export function sessionAddress(base: string, slug: string, { guid }: ProgrammeSession): string {
  return `${base}/events/${slug}/schedule.ics?session=${guid}`
}

/** How many minutes a slot of the grid has; every length of ours fits it. */
export const slotDuration = '00:05'
