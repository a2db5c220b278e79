import type pg from 'pg'
import { Prisma } from '../generated/prisma/client.ts'
import { requireInstant } from './instants-only.ts'
import { isTransaction } from './is-transaction.ts'
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
      async $readTexts({ sql, values }: ReadStatement): Promise<readonly (string | null)[]> {
        if (isTransaction(Prisma.getExtensionContext(this)))
          throw new TypeError('$readTexts reads outside of transactions only.')
        const parameters = values.map((value, index) => parameterOf(value, `$readTexts $${index + 1}`))
        countStatement()
        // The connection prepares what has a name, under a name of its own.
        const asked = {
          name: 'prepared',
          text: sql,
          values: parameters,
          rowMode: 'array',
          types: asText,
        } as const
        const client = await pool.connect()
        try {
          const { rows } = await client.query<(string | null)[]>(asked)
          client.release()
          return rows[0] ?? []
        } catch (error) {
          client.release(error as Error)
          throw error
        }
      },
    },
  })
}

/** pg would write a Date on the clocks of the process's zone. */
function parameterOf(value: unknown, path: string): unknown {
  if (!(value instanceof Date)) return value
  requireInstant(value, path)
  return value.toISOString()
}

/** Everything as the text that PostgreSQL sends. */
const asText: pg.CustomTypesConfig = { getTypeParser: () => (text: string) => text }
