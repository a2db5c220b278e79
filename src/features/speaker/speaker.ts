import type { Link } from '../../links.ts'
import type { TextFormat } from '../../markup/format.ts'
import { asRow } from '../../selection/as-rows.ts'
import { dependsOnEventZone, type Moments } from '../../time/moment.ts'
import { periodColumns } from '../../time/period.ts'
import type { PartPlace, PartTable } from '../part/part.ts'
import type { SpeakerRow } from '../rows.ts'
import { visibleSpeakersAnywhere } from './speaker.list.ts'

/** The values of a speaker that people edit. */
export interface SpeakerValues {
  readonly name: string
  readonly biography: string | null
  readonly textFormat: TextFormat
  readonly organisation: string | null
  readonly country: string | null
  readonly photoUrl: string | null
  readonly websiteUrl: string | null
  readonly links: readonly Link[]
  /** Empty: nothing is known of limits. */
  readonly availability: readonly Moments[]
}

export type NewSpeaker = Partial<SpeakerValues> & Pick<SpeakerValues, 'name'>

export const speakers: PartTable<SpeakerValues, NewSpeaker, SpeakerRow> = {
  entity: 'SPEAKER',
  permissions: { edit: 'speaker:update', manage: 'speaker:manage' },
  isOrdered: false,
  dependsOnEventZone: ({ availability = [] }) => availability.some(dependsOnEventZone),
  creation(tx, place, values) {
    const data = { ...columnsOf(values, place, 'input'), name: values.name, eventId: place.eventId }
    return () => tx.db.speaker.create({ data, select: { id: true } })
  },
  change(tx, held, values) {
    const data = columnsOf(values, held, 'patch')
    return () => tx.db.speaker.update({ where: { id: held.id }, data, select: { id: true } })
  },
  read: async ({ db }, id, select) => asRow(await db.speaker.findUniqueOrThrow({ where: { id }, select })),
  countSeen: ({ db, viewer }, id) =>
    db.speaker.count({ where: { id, AND: visibleSpeakersAnywhere(viewer) } }),
}

function columnsOf(
  { availability, ...columns }: Partial<SpeakerValues>,
  { timeZone }: PartPlace,
  argument: string,
) {
  if (availability === undefined) return columns
  const { starts, ends } = periodColumns(availability, timeZone, [argument, 'availability'])
  return { ...columns, availableFrom: starts, availableUntil: ends }
}
