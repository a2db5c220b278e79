import type { DatabaseTransaction } from '../../database/client.ts'
import type {
  FoundRoom,
  FoundSessionType,
  FoundTrack,
  FoundSpeakerValues,
} from '../../interchange/read/found.ts'
import type { PartKind } from './admitted.ts'
import type { StoredRow } from './origins.ts'

/** The values of each kind as they are stored; a link that the file doesn't have isn't there. */
export interface PartValues {
  readonly tracks: FoundTrack['values']
  readonly rooms: FoundRoom['values']
  readonly sessionTypes: FoundSessionType['values']
  readonly speakers: FoundSpeakerValues
}

export type NewRow<Values> = Values & {
  readonly eventId: string
  readonly sourceId: string
}
export type StoredPart<Values> = StoredRow &
  Readonly<Record<keyof Values, unknown>> & { readonly position: number }

/** How the rows of one kind are read and written: the only thing in which the four kinds differ. */
export interface PartRows<Values> {
  read(eventId: string): Promise<readonly StoredPart<Values>[]>
  /** @param position of the first of them, where the kind has an order */
  create(
    rows: readonly NewRow<Values>[],
    position: number,
  ): Promise<readonly { id: string; sourceId: string | null }[]>
  change(id: string, data: Partial<Values> & { deletedAt?: null }): Promise<unknown>
  /** Deletes softly; what a session that isn't deleted still uses stays. @returns what was deleted */
  remove(ids: string[], deletedAt: Date): Promise<readonly { readonly id: string }[]>
}

export function partRows(db: DatabaseTransaction): {
  readonly [Kind in PartKind]: PartRows<PartValues[Kind]>
} {
  const select = { id: true } as const
  const identity = { id: true, sourceId: true } as const
  const ofEvent = (eventId: string) => ({ where: { eventId }, orderBy: { id: 'asc' } }) as const
  const unused = (ids: string[]) => ({ id: { in: ids }, sessions: { none: { deletedAt: null } } })
  return {
    tracks: {
      read: (eventId) => db.track.findMany(ofEvent(eventId)),
      create: (rows, position) =>
        db.track.createManyAndReturn({ data: inOrder(rows, position), select: identity }),
      change: (id, data) => db.track.updateMany({ where: { id }, data }),
      remove: (ids, deletedAt) =>
        db.track.updateManyAndReturn({ where: unused(ids), data: { deletedAt }, select }),
    },
    rooms: {
      read: (eventId) => db.room.findMany(ofEvent(eventId)),
      create: (rows, position) =>
        db.room.createManyAndReturn({ data: inOrder(rows, position), select: identity }),
      change: (id, data) => db.room.updateMany({ where: { id }, data }),
      remove: (ids, deletedAt) =>
        db.room.updateManyAndReturn({ where: unused(ids), data: { deletedAt }, select }),
    },
    sessionTypes: {
      read: (eventId) => db.sessionType.findMany(ofEvent(eventId)),
      create: (rows, position) =>
        db.sessionType.createManyAndReturn({ data: inOrder(rows, position), select: identity }),
      change: (id, data) => db.sessionType.updateMany({ where: { id }, data }),
      remove: (ids, deletedAt) =>
        db.sessionType.updateManyAndReturn({ where: unused(ids), data: { deletedAt }, select }),
    },
    speakers: {
      read: async (eventId) =>
        (await db.speaker.findMany(ofEvent(eventId))).map((row) => ({ ...row, position: 0 })),
      create: (rows) => db.speaker.createManyAndReturn({ data: [...rows], select: identity }),
      change: (id, data) => db.speaker.updateMany({ where: { id }, data }),
      remove(ids, deletedAt) {
        const where = { id: { in: ids }, sessions: { none: { session: { deletedAt: null } } } }
        return db.speaker.updateManyAndReturn({ where, data: { deletedAt }, select })
      },
    },
  }
}

function inOrder<Row extends object>(rows: readonly Row[], position: number) {
  return rows.map((row, index) => ({ ...row, position: position + index }))
}
