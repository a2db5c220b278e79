import type { Context } from '../../context.ts'
import { notFound } from '../../errors.ts'

/** The event's zone, which nobody changes before the transaction ends. An event is always held before what it holds. */
export async function holdZone({ db }: Context, eventId: string): Promise<string> {
  const rows = await db.$queryRaw<{ timeZone: string }[]>`
    SELECT time_zone AS "timeZone" FROM events WHERE id = ${eventId}::uuid FOR SHARE`
  if (rows[0] === undefined) throw notFound('event', eventId)
  return rows[0].timeZone
}
