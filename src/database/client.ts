import { PrismaPg } from '@prisma/adapter-pg'
import type pg from 'pg'
import { PrismaClient } from '../generated/prisma/client.ts'
import { dataModelOf } from './data-model.ts'
import { instantsOnly } from './instants-only.ts'
import { PipelinedReads } from './pipelined-reads.ts'
import { connectPipelined, openPool, type PoolOptions, schemaOf } from './pool.ts'
import { readsText } from './read-text.ts'
import { stampsReadOnly } from './stamps-read-only.ts'
import { countStatement } from './work.ts'

/** The Prisma client that leaves this folder: always the one whose extensions let only instants through, and no stamps. */
export type Database = ReturnType<typeof extendedClient>

/** The same inside a transaction: no `$connect`, no `$disconnect`; its `$transaction` begins a savepoint. */
export type DatabaseTransaction = Parameters<Parameters<Database['$transaction']>[0]>[0]

export interface OpenDatabase {
  readonly db: Database
  /** The same connections, for mechanisms that ask the catalog rather than the programme. */
  readonly pool: pg.Pool
  close(): Promise<void>
}

/** @param url postgresql://USER:PASSWORD@HOST:PORT/DATABASE[?schema=SCHEMA]; nothing is connected before the first query */
export function openDatabase(url: string, options: PoolOptions = {}): OpenDatabase {
  const pool = openPool(url, options)
  // The connection prepares what has a name, under names of its own.
  const adapter = new PrismaPg(pool, { schema: schemaOf(url), statementNameGenerator: () => 'prepared' })
  const pipelined = new PipelinedReads(pool, () => connectPipelined(url, options))
  const db = extendedClient(adapter, pool, pipelined)
  return {
    db,
    pool,
    close: async () => {
      await db.$disconnect()
      await Promise.all([pool.end(), pipelined.close()])
    },
  }
}

function extendedClient(adapter: PrismaPg, pool: pg.Pool, pipelined: PipelinedReads) {
  const client = new PrismaClient({ adapter, log: [{ level: 'query', emit: 'event' }] })
  client.$on('query', countStatement)
  const dataModel = dataModelOf(client)
  return client
    .$extends(stampsReadOnly(dataModel))
    .$extends(instantsOnly(dataModel))
    .$extends(readsText(pool, pipelined))
}
