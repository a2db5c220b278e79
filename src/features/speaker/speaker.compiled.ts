import type { RootTwin, TypeTwins } from '../../compiled/twin.ts'
import { periodsText } from '../../compiled/periods.ts'
import { asColumn, byId, onlyIf, longText } from '../../compiled/twins.ts'
import type { Context } from '../../context.ts'
import { linksTwin } from '../link/link.compiled.ts'
import { linkedSessionsTwin } from '../session/session.compiled.ts'
import { visibleSpeakersAnywhere, withinReach } from './speaker.list.ts'

export const speakerRoots: Readonly<Record<string, RootTwin<Context>>> = {
  speaker: byId('Speaker', ({ viewer }) => visibleSpeakersAnywhere(viewer)),
}

/** What the fields of a speaker that have resolvers are in SQL. */
export const speakerTwins: TypeTwins<Context> = {
  biography: longText,
  textFormat: asColumn,
  links: linksTwin,
  availability: onlyIf(
    ({ viewer }) => ({ OR: withinReach(viewer) }),
    (field) => periodsText(field, 'availableFrom', 'availableUntil'),
  ),
  sessions: linkedSessionsTwin,
}
