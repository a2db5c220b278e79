import { PrismaPg } from '@prisma/adapter-pg'
import type pg from 'pg'
import { PrismaClient } from '../generated/prisma/client.ts'
import { type DataModel, instantsOnly } from './instants-only.ts'
import { openPool, schemaOf } from './pool.ts'
import { countStatement } from './statements.ts'

/** The Prisma client that leaves this folder: always the one whose extension lets only instants through. */
export type Database = ReturnType<typeof extendedClient>

/** The same inside a transaction: no `$transaction`, no `$disconnect`. */
export type DatabaseTransaction = Parameters<Parameters<Database['$transaction']>[0]>[0]

export interface OpenDatabase {
  readonly db: Database
  /** The same connections, for mechanisms that ask the catalog rather than the programme. */
  readonly pool: pg.Pool
  close(): Promise<void>
}

/** @param url postgresql://USER:PASSWORD@HOST:PORT/DATABASE[?schema=SCHEMA]; nothing is connected before the first query */
export function openDatabase(url: string, options: { maxConnections?: number } = {}): OpenDatabase {
  const pool = openPool(url, options.maxConnections === undefined ? {} : { max: options.maxConnections })
  // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
  pool.on('error', () => {})
  const db = extendedClient(new PrismaPg(pool, { schema: schemaOf(url) }))
  return {
    db,
    pool,
    close: async () => {
      await db.$disconnect()
      await pool.end()
    },
  }
}

function extendedClient(adapter: PrismaPg) {
  const client = new PrismaClient({ adapter, log: [{ level: 'query', emit: 'event' }] })
  client.$on('query', countStatement)
  return client.$extends(instantsOnly(dataModelOf(client)))
}

/** The generated client keeps the models to itself; the name is checked, so that an update can't blind the walk. */
function dataModelOf(client: object): DataModel {
  const dataModel = (client as { _runtimeDataModel?: DataModel })._runtimeDataModel
  if (dataModel?.models['Session'] === undefined) throw new Error('Prisma no longer has _runtimeDataModel.')
  return dataModel
}
