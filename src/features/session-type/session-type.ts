import { asRow } from '../../selection/as-rows.ts'
import { requireNoDoubleBooking } from '../booking/booking.ts'
import { visibleParts } from '../event/event.rules.ts'
import type { PartTable } from '../part/part.ts'
import type { SessionTypeRow } from '../rows.ts'

/** The values of a session type that people edit; its place among the others has a verb of its own. */
export interface SessionTypeValues {
  readonly name: string
  readonly durationMinutes: number | null
}

export type NewSessionType = Partial<SessionTypeValues> & Pick<SessionTypeValues, 'name'>

export const sessionTypes: PartTable<SessionTypeValues, NewSessionType, SessionTypeRow> = {
  entity: 'SESSION_TYPE',
  permissions: { edit: 'programme:edit', manage: 'programme:edit' },
  isOrdered: true,
  dependsOnEventZone: () => false,
  creation:
    ({ db }, { eventId, position }, values) =>
    () =>
      db.sessionType.create({ data: { ...values, eventId, position }, select: { id: true } }),
  change: (tx, held, values) => async () => {
    await tx.db.sessionType.update({ where: { id: held.id }, data: values, select: { id: true } })
    // Sessions without an end are as long as their type says.
    if (values.durationMinutes != null)
      await requireNoDoubleBooking(tx, held, () => ['patch', 'durationMinutes'])
  },
  read: async ({ db }, id, select) =>
    asRow(await db.sessionType.findUniqueOrThrow({ where: { id }, select })),
  countSeen: ({ db, viewer }, id) => db.sessionType.count({ where: { id, AND: visibleParts(viewer) } }),
}
