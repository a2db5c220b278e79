import type { Twin, TypeTwins } from '../../compiled/twin.ts'
import { onlyIf, wallClock } from '../../compiled/twins.ts'
import { reachOf } from '../../access/may.ts'
import type { Context } from '../../context.ts'

export const periodTwins: TypeTwins<Context> = {
  startsAtLocal: wallClock('startsAt'),
  endsAtLocal: wallClock('endsAt'),
}

/** As `sourceIdField`. */
export const sourceIdTwin: Twin<Context> = onlyIf(
  ({ viewer }) => {
    const { everywhere, eventIds } = reachOf(viewer, 'session:read')
    return everywhere ? {} : { eventId: { in: [...eventIds] } }
  },
  ({ scope }) => `coalesce(to_json(${scope.column('sourceId')})::text, 'null')`,
)
