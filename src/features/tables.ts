import { Prisma, type RevisedEntity } from '../generated/prisma/client.ts'

/** The table of a kind of thing that has a history, 'SESSION_TYPE' or 'session_type', as part of an SQL statement. */
export function tableOf(entity: RevisedEntity | Lowercase<RevisedEntity>): Prisma.Sql {
  return Prisma.raw(`${entity.toLowerCase()}s`)
}
