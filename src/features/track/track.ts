import { asRow } from '../../selection/as-rows.ts'
import { visibleParts } from '../event/event.rules.ts'
import type { PartTable } from '../part/part.ts'
import type { TrackRow } from '../rows.ts'

/** The values of a track that people edit; its place among the others has a verb of its own. */
export interface TrackValues {
  readonly name: string
  readonly description: string | null
  readonly color: string | null
}

export type NewTrack = Partial<TrackValues> & Pick<TrackValues, 'name'>

export const tracks: PartTable<TrackValues, NewTrack, TrackRow> = {
  entity: 'TRACK',
  permissions: { edit: 'programme:edit', manage: 'programme:edit' },
  isOrdered: true,
  dependsOnEventZone: () => false,
  creation:
    ({ db }, { eventId, position }, values) =>
    () =>
      db.track.create({ data: { ...values, eventId, position }, select: { id: true } }),
  change:
    ({ db }, { id }, values) =>
    () =>
      db.track.update({ where: { id }, data: values, select: { id: true } }),
  read: async ({ db }, id, select) => asRow(await db.track.findUniqueOrThrow({ where: { id }, select })),
  countSeen: ({ db, viewer }, id) => db.track.count({ where: { id, AND: visibleParts(viewer) } }),
}
