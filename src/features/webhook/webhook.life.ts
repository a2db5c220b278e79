import { randomUUID } from 'node:crypto'
import { connectionBeside } from '../../database/pool.ts'
import { Prisma } from '../../generated/prisma/client.ts'

/** A server as one that writes to webhooks, for as long as PostgreSQL has its connection. */
export interface WriterLife {
  readonly id: string
  /** Whether the connection is there; without it others may take what the server has. */
  readonly goesOn: boolean
  end(): Promise<void>
}

/**
 * Begins a life under an id of its own. A connection holds a lock for it, which PostgreSQL lets go as soon as the
 * process is gone: others needn't wait for the lease of a server that was killed.
 *
 * @param onEnd called if the connection is lost
 */
export async function beginLife(databaseUrl: string, onEnd: () => void): Promise<WriterLife> {
  const id = randomUUID()
  let goesOn = true
  const connection = connectionBeside(databaseUrl, 'webhooks')
  connection.on('end', () => {
    goesOn = false
    onEnd()
  })
  try {
    await connection.connect()
    await connection.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [id])
  } catch (error) {
    await connection.end().catch(() => {})
    throw error
  }
  return {
    id,
    get goesOn() {
      return goesOn
    },
    end: () => connection.end().catch(() => {}),
  }
}

/** Whether a writer's life is over. Asks for its lock, which is held until then. @param writer SQL of the writer's id */
export function isOver(writer: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`pg_try_advisory_xact_lock(hashtextextended(${writer}::text, 0))`
}
