import pg from 'pg'
import { connectionFault, SchemaEngineError } from '../database/fault.ts'
import { connectClient, openSession } from '../database/session.ts'

/** `cli can-connect-to-database | create-database | drop-database`. @throws SchemaEngineError */
export async function runDatabaseCommand(command: string, url: string): Promise<void> {
  switch (command) {
    case 'can-connect-to-database':
      return (await openSession(url)).close()
    case 'create-database':
      return createDatabase(url)
    case 'drop-database':
      return onServerOf(url, `DROP DATABASE ${pg.escapeIdentifier(databaseOf(url))}`)
    default:
      throw new SchemaEngineError(null, `The schema engine knows no command "cli ${command}".`)
  }
}

/** @throws SchemaEngineError P1009 where it exists already, P1010 where the role may not */
export async function createDatabase(url: string): Promise<void> {
  await onServerOf(url, `CREATE DATABASE ${pg.escapeIdentifier(databaseOf(url))}`)
}

export function databaseOf(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1))
}

/** Runs the statement from a database that is there on nearly every server; hosted ones have `defaultdb`. */
async function onServerOf(url: string, statement: string): Promise<void> {
  const client = await connectToFirst(url, ['postgres', 'template1', 'defaultdb'])
  try {
    await client.query(statement)
  } catch (error) {
    throw statementFault(error, url)
  } finally {
    await client.end().catch(() => {})
  }
}

async function connectToFirst(url: string, databases: readonly string[]): Promise<pg.Client> {
  let fault: SchemaEngineError | undefined
  for (const database of databases) {
    const there = new URL(url)
    there.pathname = `/${database}`
    try {
      return await connectClient(there.href)
    } catch (error) {
      fault = connectionFault(error, there.href)
      if (fault.code !== 'P1003' && fault.code !== 'P1010') throw fault
    }
  }
  throw fault ?? new SchemaEngineError(null, 'No database to connect to.')
}

function statementFault(error: unknown, url: string): SchemaEngineError {
  if (!(error instanceof pg.DatabaseError)) return connectionFault(error, url)
  const name = databaseOf(url)
  if (error.code === '42P04' || error.code === '23505') {
    return new SchemaEngineError('P1009', `Database \`${name}\` already exists on the server.`, {
      cause: error,
    })
  }
  if (error.code === '3D000' || error.code === '42501') return connectionFault(error, url)
  return new SchemaEngineError(null, error.message, { cause: error })
}
