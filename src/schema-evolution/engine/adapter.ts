import { DriverAdapterError, type SqlDriverAdapter, type SqlQuery } from '@prisma/driver-adapter-utils'
import pg from 'pg'
import { columnTypeOf, engineTypes } from './column-types.ts'
import { explainFailedScript } from '../deploy/failed-script.ts'
import type { Session } from '../database/session.ts'

/**
 * What the engine works through instead of a native driver.
 *
 * @param dispose what the engine calls when it is done with the adapter; it only does so for shadow databases
 */
export function adapterOf(session: Session, dispose: () => Promise<void>): SqlDriverAdapter {
  const run = async ({ sql, args }: SqlQuery) => {
    try {
      return await session.query({ text: sql, values: args, rowMode: 'array', types: engineTypes })
    } catch (error) {
      throw driverError(error)
    }
  }
  return {
    provider: 'postgres',
    adapterName: '@prisma/adapter-pg',
    async queryRaw(query) {
      const { fields, rows } = await run(query)
      return {
        columnNames: fields.map(({ name }) => name),
        columnTypes: fields.map(({ dataTypeID }) => columnTypeOf(dataTypeID)),
        rows,
      }
    },
    async executeRaw(query) {
      return (await run(query)).rowCount ?? 0
    },
    /**
     * The whole script in one simple query: nothing is split, so bodies in `$$` stay whole, and it is atomic unless
     * it has a BEGIN of its own. That one is rolled back, or the engine couldn't note down what failed.
     */
    async executeScript(script) {
      try {
        await session.query(script)
      } catch (error) {
        await session.query('ROLLBACK').catch(() => {})
        if (!(error instanceof pg.DatabaseError)) throw driverError(error)
        // Without the code, for which the engine would put words of its own ("No such table") in the place of these.
        throw postgresError(error, 'N/A', explainFailedScript({ script, error }))
      }
    },
    startTransaction() {
      return Promise.reject(new Error('The schema engine opens no transactions of its own.'))
    },
    getConnectionInfo: () => ({ schemaName: session.schema, supportsRelationJoins: true }),
    dispose,
  }
}

/** The engine knows PostgreSQL's own codes; what has none is a connection that broke. */
function driverError(error: unknown): Error {
  if (!(error instanceof pg.DatabaseError)) return new DriverAdapterError({ kind: 'ConnectionClosed' })
  return postgresError(error, error.code ?? 'N/A', error.message)
}

function postgresError(
  { severity, detail, column, hint }: pg.DatabaseError,
  code: string,
  message: string,
): Error {
  return new DriverAdapterError({
    kind: 'postgres',
    code,
    severity: severity ?? 'N/A',
    message,
    detail,
    column,
    hint,
  })
}
