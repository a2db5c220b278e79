import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { SchemaEngineError } from './fault.ts'
import { ensureSchema, openSession, type Session } from './session.ts'

/**
 * Where the engine replays the migrations to see what they add up to: a database made for it and dropped by
 * `close`, or the one that `shadowDatabaseUrl` names, whose schema is emptied first.
 *
 * @throws SchemaEngineError P3014 where it can't be made, and where the URL is that of the database itself
 */
export async function openShadowSession(main: Session, shadowUrl: string | undefined): Promise<Session> {
  return shadowUrl === undefined ? createShadow(main) : emptyShadow(main, shadowUrl)
}

/**
 * Works on a shadow database, which is gone, or free for the next one, when the work is done.
 *
 * @param url a database of the server where it is to be made; it isn't touched itself
 * @throws SchemaEngineError as `openShadowSession` does, and what the work throws
 */
export async function onShadow<Result>(
  { url, shadowDatabaseUrl }: { readonly url: string; readonly shadowDatabaseUrl?: string | undefined },
  work: (shadow: Session) => Promise<Result>,
): Promise<Result> {
  const main = await openSession(url)
  try {
    const shadow = await openShadowSession(main, shadowDatabaseUrl)
    try {
      return await work(shadow)
    } finally {
      await shadow.close()
    }
  } finally {
    await main.close()
  }
}

async function createShadow(main: Session): Promise<Session> {
  const name = `prisma_migrate_shadow_db_${randomUUID()}`
  await main.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`).catch((error: unknown) => {
    throw shadowFault('could not create the shadow database', error)
  })
  const drop = () => main.query(`DROP DATABASE IF EXISTS ${pg.escapeIdentifier(name)} WITH (FORCE)`)
  try {
    const shadow = await openSession(databaseUrl(main.url, name))
    await ensureSchema(shadow)
    return {
      ...shadow,
      isShadow: true,
      async close() {
        await shadow.close()
        await drop().catch(() => {})
      },
    }
  } catch (error) {
    await drop().catch(() => {})
    throw error
  }
}

async function emptyShadow(main: Session, shadowUrl: string): Promise<Session> {
  const shadow = await openSession(shadowUrl)
  try {
    if ((await placeOf(main)) === (await placeOf(shadow))) {
      throw new SchemaEngineError(
        'P3014',
        'The shadow database is the database itself, and it is emptied each time: name another one.',
      )
    }
    const schema = pg.escapeIdentifier(shadow.schema)
    await shadow.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE; CREATE SCHEMA ${schema}`)
    return { ...shadow, isShadow: true }
  } catch (error) {
    await shadow.close()
    throw error instanceof SchemaEngineError
      ? error
      : shadowFault('could not empty the shadow database', error)
  }
}

/** Equal for two sessions only if they are in the same schema of the same database of the same server. */
async function placeOf(session: Session): Promise<string> {
  const { rows } = await session.query({
    text: 'SELECT pg_postmaster_start_time()::text, current_database()::text',
    rowMode: 'array',
  })
  return JSON.stringify([rows[0], session.schema])
}

function databaseUrl(url: string, database: string): string {
  const changed = new URL(url)
  changed.pathname = `/${encodeURIComponent(database)}`
  return changed.href
}

function shadowFault(what: string, error: unknown): SchemaEngineError {
  const reason = error instanceof Error ? error.message : String(error)
  return new SchemaEngineError(
    'P3014',
    `Prisma Migrate ${what}. Make sure that the database user may create databases, or name a database for this in ` +
      `\`shadowDatabaseUrl\`. Original error: ${reason}`,
    { cause: error },
  )
}
