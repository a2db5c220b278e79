import { randomUUID } from 'node:crypto'
import pg from 'pg'
import { inject, onTestFinished } from 'vitest'

/** Has something done at the end: of the test, or of what lasts longer. */
export type AtEnd = (work: () => void | Promise<void>) => void

/** A migrated, empty database of one's own; dropped with the test that made it. */
export function cloneDatabase(atEnd: AtEnd = onTestFinished): Promise<string> {
  return createDatabase(`TEMPLATE "${new URL(inject('template')).pathname.slice(1)}"`, atEnd)
}

/** A database without anything in it; dropped with the test that made it. */
export function emptyDatabase(): Promise<string> {
  return createDatabase('', onTestFinished)
}

async function createDatabase(template: string, atEnd: AtEnd): Promise<string> {
  const url = new URL(inject('template'))
  const name = `test_${randomUUID().replaceAll('-', '')}`
  await onSuperuser(`CREATE DATABASE "${name}" ${template} STRATEGY FILE_COPY OWNER "${url.username}"`)
  atEnd(() => onSuperuser(`DROP DATABASE "${name}" WITH (FORCE)`))
  url.pathname = `/${name}`
  return url.href
}

/** The superuser's URL of a database. */
export function superuserOf(databaseUrl: string): string {
  const url = new URL(inject('superuser'))
  url.pathname = new URL(databaseUrl).pathname
  return url.href
}

/** Runs one statement as the cluster's superuser. */
export async function onSuperuser(sql: string): Promise<void> {
  // One connection for all tests of a worker, since it takes as long to connect as to copy a database.
  superuser ??= new pg.Pool({ connectionString: inject('superuser'), max: 1, allowExitOnIdle: true }).on(
    'error',
    // A test may end everybody's connections; the next statement gets another one.
    () => {},
  )
  await superuser.query(sql)
}

let superuser: pg.Pool | undefined
