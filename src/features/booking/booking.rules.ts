import { formatInstant } from '../../time/instant.ts'
import type { DoubleBooking } from './booking.ts'

/** What is wrong, for whoever wanted it so. */
export function bookingMessageOf(booking: DoubleBooking): string {
  const { kind, resource, from, until, sessionId, title, otherId, otherTitle } = booking
  const named = (id: string, name: string | null) =>
    name === null ? 'a session that you may not see' : `the session ${JSON.stringify(name)} (${id})`
  const time =
    until === null ? `at ${formatInstant(from)}` : `from ${formatInstant(from)} to ${formatInstant(until)}`
  return (
    `The ${kind} ${JSON.stringify(resource)} would be taken twice ${time}: by ${named(sessionId, title)} and by ` +
    `${named(otherId, otherTitle)}. This event refuses double bookings.`
  )
}
