import { DriverAdapterError, type SqlDriverAdapter, type SqlQuery } from '@prisma/driver-adapter-utils'
import pg from 'pg'
import { columnTypeOf, engineTypes } from './column-types.ts'
import type { Session } from '../database/session.ts'
import { replayScript, runScript, ScriptFailed } from './run-script.ts'

/** What the engine works through instead of a native driver. Whoever opened the session ends it. */
export function adapterOf(session: Session): SqlDriverAdapter {
  return adapter(session, runScript, () => Promise.resolve())
}

/** What the engine replays the migrations through. @param dispose called when the engine is done with it */
export function shadowAdapterOf(session: Session, dispose: () => Promise<void>): SqlDriverAdapter {
  return adapter(session, replayScript, dispose)
}

function adapter(
  session: Session,
  execute: (session: Session, script: string) => Promise<void>,
  dispose: () => Promise<void>,
): SqlDriverAdapter {
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
    async executeScript(script) {
      try {
        await execute(session, script)
      } catch (error) {
        if (!(error instanceof ScriptFailed)) throw driverError(error)
        // Without the code, for which the engine would put words of its own ("No such table") in the place of these.
        throw postgresError(error.cause, 'N/A', error.message)
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
