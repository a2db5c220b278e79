import { instantText } from '../../compiled/json-text.ts'
import type { Twin } from '../../compiled/twin.ts'
import type { Context } from '../../context.ts'
import { insideOf } from './change.rules.ts'

/** As `programmesModifiedAt`; the event's own stamp while nothing was committed. */
export const programmeModifiedAtTwin: Twin<Context> = ({ scope, text, context }) => {
  const id = scope.column('id')
  const { everywhere, eventIds } = insideOf(context.viewer)
  const last = (which: string) =>
    `(SELECT committed_at FROM programme_commits c WHERE c.event_id = ${id}${which} ORDER BY seq DESC LIMIT 1)`
  const ofPublic = last(' AND c.is_public')
  const isInside = () => `${id} = ANY(${scope.statement.parameter(eventIds, 'uuid[]')})`
  const moment = everywhere
    ? last('')
    : eventIds.length === 0
      ? ofPublic
      : `CASE WHEN ${isInside()} THEN ${last('')} ELSE ${ofPublic} END`
  // Found once, although it is named thrice: OFFSET keeps the planner from writing it out.
  const found = `SELECT coalesce(${moment}, ${scope.column('lastModifiedAt')}) AS at OFFSET 0`
  text.sql(`(SELECT ${instantText('m.at', true)} FROM (${found}) m)`)
}
