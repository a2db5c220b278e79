import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { onTestFinished } from 'vitest'
import { projectFolder } from '../../src/config.ts'
import { copyBuilt, program } from '../program.ts'
import { run, type Started } from '../start/started.ts'

/** The project's own commands on migrations of one's own, and a database. */
export interface MigrationsProject {
  readonly folder: string
  /** `npm run migrations -- ...args` */
  start(...args: string[]): Started
  /** A server that migrates at its start. */
  serve(): Started
  /** `start`, to its end. */
  run(...args: string[]): Promise<{ code: number | null; out: string; err: string }>
  /** Writes `migration.sql`, or another file of the migration. */
  write(name: string, sql: string, file?: string): Promise<void>
  sql(text: string): Promise<unknown[]>
  /** Another session, open to the end of the test. */
  session(): Promise<pg.Client>
  /** Resolves when a session of the commands is in the midst of a statement like this. */
  untilRunning(like: string): Promise<void>
  /** Resolves when nobody holds the lock of those who migrate, or waits for it. */
  untilUnlocked(): Promise<void>
  /** The names of the migrations that are recorded as finished. */
  applied(): Promise<string[]>
}

/** Gone with the test that made it. */
export async function createMigrationsProject(databaseUrl: string): Promise<MigrationsProject> {
  const folder = await mkdtemp(join(tmpdir(), 'migrations-project-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const migrationsFolder = join(folder, 'prisma/migrations')
  await mkdir(migrationsFolder, { recursive: true })
  // Not a link: the commands find their migrations from where they are themselves.
  await copyBuilt(folder)
  await symlink(join(projectFolder, 'node_modules'), join(folder, 'node_modules'))

  const node = (args: string[], env: NodeJS.ProcessEnv) =>
    run(process.execPath, [program, ...args], { DATABASE_URL: databaseUrl, ...env }, folder)
  const start = (...args: string[]) => node(['migrations', ...args], {})
  const session = async () => {
    const schema = new URL(databaseUrl).searchParams.get('schema') ?? 'public'
    const client = new pg.Client({ connectionString: databaseUrl, options: `-c search_path=${schema}` })
    client.on('error', () => {})
    await client.connect()
    onTestFinished(() => client.end())
    return client
  }
  let beside: Promise<pg.Client> | undefined
  const sql = async (text: string) => (await (await (beside ??= session())).query(text)).rows as unknown[]
  return {
    folder,
    start,
    serve: () => node([], { MIGRATE_ON_START: 'true' }),
    async run(...args) {
      const command = start(...args)
      const code = await command.exit
      return { code, out: command.out(), err: command.err() }
    },
    async write(name, text, file = 'migration.sql') {
      await mkdir(join(migrationsFolder, name), { recursive: true })
      await writeFile(join(migrationsFolder, name, file), text)
    },
    sql,
    session,
    async untilRunning(like) {
      const isThere = `SELECT FROM pg_stat_activity WHERE state = 'active' AND datname = current_database()
        AND pid <> pg_backend_pid() AND query LIKE ${pg.escapeLiteral(like)}`
      for (let tries = 0; tries < 1500; tries += 1) {
        if ((await sql(isThere)).length > 0) return
        await sleep(20)
      }
      throw new Error(`Nobody ran ${like}.`)
    },
    async untilUnlocked() {
      const locks = `SELECT FROM pg_locks JOIN pg_database d ON d.oid = database
        WHERE locktype = 'advisory' AND datname = current_database()`
      while ((await sql(locks)).length > 0) await sleep(20)
    },
    async applied() {
      const rows = await sql(
        'SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY 1',
      )
      return rows.map((row) => (row as { name: string }).name)
    },
  }
}
