import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { onTestFinished } from 'vitest'
import { projectFolder } from '../../src/config.ts'
import { copyBuilt, program } from '../program.ts'
import { planMending, writeMending } from '../../src/schema-evolution/check/lineage-mending.ts'
import { readMigrationFolder } from '../../src/schema-evolution/files/migration-folder.ts'

export interface Outcome {
  readonly code: number
  readonly said: string
}

/** A developer's clone, with the project's own commands. */
export interface Clone {
  readonly migrationsFolder: string
  git(...args: string[]): Promise<Outcome>
  /** `npm run migrations -- ...args` */
  migrations(...args: string[]): Promise<Outcome>
  /** `npx prisma ...args` */
  prisma(...args: string[]): Promise<Outcome>
  /** Writes the models of prisma/schema.prisma. */
  writeModels(models: string): Promise<void>
  /** A new migration with all that `npx prisma migrate dev` gives it. */
  addMigration(name: string, sql: string): Promise<void>
  /** Writes migration.sql and nothing else. */
  writeScript(name: string, sql: string): Promise<void>
  /** Commits everything. */
  commit(message: string): Promise<Outcome>
}

/** What the main branch begins with. */
export interface Beginning {
  /** Name to SQL. */
  readonly migrations: Readonly<Record<string, string>>
  readonly models?: string
}

const twoMigrations: Beginning = {
  migrations: {
    '20261101000000_talks': 'CREATE TABLE talks (id int);',
    '20261102000000_lineage': 'CREATE TABLE "migration_lineage" (name text, parent text);',
  },
}

/**
 * A bare repository with two migrations on its main branch, and clones of it, each with an environment of its own; gone
 * with the test.
 */
export async function createOrigin({ migrations, models }: Beginning = twoMigrations): Promise<{
  clone(name: string, env?: Record<string, string>): Promise<Clone>
}> {
  const folder = await mkdtemp(join(tmpdir(), 'clones-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const bare = join(folder, 'origin.git')
  await run('git', ['init', '--quiet', '--bare', '--initial-branch=main', bare], folder)
  const clone = async (name: string, env: Record<string, string> = {}) => {
    await run('git', ['clone', '--quiet', bare, name], folder)
    return openClone(join(folder, name), env)
  }
  const first = await clone('first')
  await first.git('checkout', '--quiet', '-b', 'main')
  await writeFile(
    join(folder, 'first/.gitignore'),
    'src\ndist\nnode_modules\npackage-lock.json\ntsconfig.json\n.config\n.npm\n.cache\n',
  )
  for (const [name, sql] of Object.entries(migrations)) await first.addMigration(name, sql)
  if (models !== undefined) await first.writeModels(models)
  await first.commit('begin')
  await first.git('push', '--quiet', 'origin', 'main')
  return { clone }
}

async function openClone(folder: string, env: Record<string, string>): Promise<Clone> {
  const migrationsFolder = join(folder, 'prisma/migrations')
  await mkdir(migrationsFolder, { recursive: true })
  await cp(join(projectFolder, 'tsconfig.json'), join(folder, 'tsconfig.json'))
  await copyBuilt(folder)
  await cp(join(projectFolder, 'prisma.config.ts'), join(folder, 'prisma.config.ts'))
  await symlink(join(projectFolder, 'node_modules'), join(folder, 'node_modules'))
  const git = (...args: string[]) => run('git', args, folder)
  // Only if Prisma is run, whose configuration is in it.
  let source: Promise<void> | undefined
  const node = async (...args: string[]) => {
    await (source ??= cp(join(projectFolder, 'src'), join(folder, 'src'), {
      recursive: true,
      preserveTimestamps: true,
    }))
    return run(process.execPath, args, folder, env)
  }
  const writeScript = async (name: string, sql: string) => {
    await mkdir(join(migrationsFolder, name), { recursive: true })
    await writeFile(join(migrationsFolder, name, 'migration.sql'), sql)
  }
  return {
    migrationsFolder,
    git,
    migrations: (...args) => run(process.execPath, [program, 'migrations', ...args], folder, env),
    prisma: (...args) => node('node_modules/prisma/build/index.js', ...args),
    writeModels: (models) => writeFile(join(folder, 'prisma/schema.prisma'), schemaHead + models),
    writeScript,
    async addMigration(name, sql) {
      await writeScript(name, sql)
      const mending = planMending(await readMigrationFolder(migrationsFolder), new Map())
      if (Array.isArray(mending)) throw new Error(mending.map(({ message }) => message).join('\n'))
      await writeMending(migrationsFolder, mending)
    },
    async commit(message) {
      await git('add', '--all')
      return git('commit', '--quiet', '--message', message)
    },
  }
}

const schemaHead = `generator client {
  provider = "prisma-client"
  output   = "../src/generated/prisma"
}

datasource db {
  provider = "postgresql"
}

`

async function run(
  program: string,
  args: string[],
  cwd: string,
  ownEnv: Record<string, string> = {},
): Promise<Outcome> {
  const env = {
    ...ownEnv,
    PATH: process.env['PATH'],
    HOME: cwd,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'A Developer',
    GIT_AUTHOR_EMAIL: 'developer@example.org',
    GIT_COMMITTER_NAME: 'A Developer',
    GIT_COMMITTER_EMAIL: 'developer@example.org',
    npm_config_update_notifier: 'false',
  }
  return promisify(execFile)(program, args, { cwd, env }).then(
    ({ stdout, stderr }) => ({ code: 0, said: (stdout + stderr).trim() }),
    // The shape of what execFile rejects with where the program ended by itself.
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      said: (error.stdout + error.stderr).trim(),
    }),
  )
}
