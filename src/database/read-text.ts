import type pg from 'pg'
import { Prisma } from '../generated/prisma/client.ts'
import { readTexts } from './connection.ts'
import { requireInstant } from './instants-only.ts'
import { isTransaction } from './is-transaction.ts'
import type { PipelinedReads } from './pipelined-reads.ts'
import type { TextRead, TextRow } from './text-query.ts'
import { countStatement } from './work.ts'

/** A SELECT of one row of texts. */
export interface ReadStatement {
  readonly sql: string
  readonly values: readonly unknown[]
  /** Whether others may wait for it: it takes PostgreSQL some milliseconds at most. */
  readonly isShort?: boolean
}

/**
 * A Prisma client extension with a verb for statements that make the text of an answer. Its connections have the settings
 * of all others and are bound to the work as those are, and it lets only instants through as other verbs do. A hook on
 * Prisma's own verbs would have Prisma copy the arguments and walk through the results.
 */
export function readsText(pool: pg.Pool, pipelined: PipelinedReads) {
  return Prisma.defineExtension({
    name: 'reads-text',
    client: {
      /** @returns the row; of no row, nothing. @throws TypeError inside of a transaction, and for what is no instant */
      async $readTexts({ sql, values, isShort = false }: ReadStatement): Promise<TextRow> {
        if (isTransaction(Prisma.getExtensionContext(this)))
          throw new TypeError('$readTexts reads outside of transactions only.')
        values.forEach((value, index) => {
          if (value instanceof Date) requireInstant(value, `$readTexts $${index + 1}`)
        })
        countStatement()
        const read: TextRead = { text: sql, values, readsTexts: true }
        return (isShort ? await pipelined.read(read) : null) ?? readOn(pool, read)
      },
    },
  })
}

async function readOn(pool: pg.Pool, read: TextRead): Promise<TextRow> {
  const client = await pool.connect()
  try {
    const row = await readTexts(client, read)
    client.release()
    return row
  } catch (error) {
    client.release(error as Error)
    throw error
  }
}
