import type pg from 'pg'
import { Prisma } from '../generated/prisma/client.ts'
import { requireInstant } from './instants-only.ts'
import { isTransaction } from './is-transaction.ts'
import type { TextRead, TextRow } from './text-query.ts'
import { countStatement } from './work.ts'

/** A SELECT of one row of texts. */
export interface ReadStatement {
  readonly sql: string
  readonly values: readonly unknown[]
}

/**
 * A Prisma client extension with a verb for statements that make the text of an answer. It shares the connections, and so
 * their settings and the bounds of the work, with all other verbs, and lets only instants through as those do. A hook on
 * Prisma's own verbs would have Prisma copy the arguments and walk through the results.
 */
export function readsText(pool: pg.Pool) {
  return Prisma.defineExtension({
    name: 'reads-text',
    client: {
      /** @returns the row; of no row, nothing. @throws TypeError inside of a transaction, and for what is no instant */
      async $readTexts({ sql, values }: ReadStatement): Promise<TextRow> {
        if (isTransaction(Prisma.getExtensionContext(this)))
          throw new TypeError('$readTexts reads outside of transactions only.')
        values.forEach((value, index) => {
          if (value instanceof Date) requireInstant(value, `$readTexts $${index + 1}`)
        })
        countStatement()
        const client = await pool.connect()
        try {
          const row = await readTexts(client, { text: sql, values, readsTexts: true })
          client.release()
          return row
        } catch (error) {
          client.release(error as Error)
          throw error
        }
      },
    },
  })
}

/** The pool's connections are ours, and know of this kind of statement. */
function readTexts(client: pg.PoolClient, read: TextRead): Promise<TextRow> {
  return client.query(read as never) as unknown as Promise<TextRow>
}
