import { asRow } from '../../selection/as-rows.ts'
import { dependsOnEventZone, type Moments } from '../../time/moment.ts'
import { periodColumns } from '../../time/period.ts'
import { visibleParts } from '../event/event.rules.ts'
import type { PartPlace, PartTable } from '../part/part.ts'
import type { RoomRow } from '../rows.ts'

/** The values of a room that people edit; its place among the others has a verb of its own. */
export interface RoomValues {
  readonly name: string
  readonly floor: string | null
  readonly capacity: number | null
  /** Empty: always open. */
  readonly openingHours: readonly Moments[]
}

export type NewRoom = Partial<RoomValues> & Pick<RoomValues, 'name'>

export const rooms: PartTable<RoomValues, NewRoom, RoomRow> = {
  entity: 'ROOM',
  permissions: { edit: 'programme:edit', manage: 'programme:edit' },
  isOrdered: true,
  dependsOnEventZone: ({ openingHours = [] }) => openingHours.some(dependsOnEventZone),
  creation(tx, { position, ...place }, values) {
    const data = { ...columnsOf(values, place, 'input'), name: values.name, eventId: place.eventId, position }
    return () => tx.db.room.create({ data, select: { id: true } })
  },
  change(tx, held, values) {
    const data = columnsOf(values, held, 'patch')
    return () => tx.db.room.update({ where: { id: held.id }, data, select: { id: true } })
  },
  read: async ({ db }, id, select) => asRow(await db.room.findUniqueOrThrow({ where: { id }, select })),
  countSeen: ({ db, viewer }, id) => db.room.count({ where: { id, AND: visibleParts(viewer) } }),
}

function columnsOf(
  { openingHours, ...columns }: Partial<RoomValues>,
  { timeZone }: PartPlace,
  argument: string,
) {
  if (openingHours === undefined) return columns
  const { starts, ends } = periodColumns(openingHours, timeZone, [argument, 'openingHours'])
  return { ...columns, openFrom: starts, openUntil: ends }
}
