import type { TypeTwins } from '../../compiled/twin.ts'
import { wallClock } from '../../compiled/twins.ts'
import type { Context } from '../../context.ts'

/** What the fields of a break with resolvers of their own are in SQL. */
export const breakTwins: TypeTwins<Context> = {
  startsAtLocal: wallClock('startsAt'),
  endsAtLocal: wallClock('endsAt'),
}
