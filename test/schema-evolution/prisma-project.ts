import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { chooseSchemaEngine } from '../../src/schema-evolution/engine/native-engine.ts'

/** A project with the real prisma.config.ts and engine, and a `prisma/` folder of its own. */
export interface PrismaProject {
  readonly folder: string
  /** `npx prisma ...args`; npx itself would only cost half a second more. */
  prisma(...args: string[]): Promise<Outcome>
  /** Writes the models after the datasource and the generator. */
  writeModels(models: string): Promise<void>
  writeMigration(name: string, sql: string): Promise<void>
  readMigration(name: string): Promise<string>
  /** The names in `prisma/migrations` without their time stamps. */
  migrations(): Promise<string[]>
  remove(): Promise<void>
}

/** What a command printed, without what differs from run to run, and how it ended. */
export interface Outcome {
  readonly code: number
  readonly said: string
}

const root = resolve(import.meta.dirname, '../..')

/** @param env what the commands see; of this process's own environment they get nothing but the path */
export async function createPrismaProject(env: Record<string, string>): Promise<PrismaProject> {
  const folder = await mkdtemp(join(tmpdir(), 'prisma-project-'))
  const migrationsFolder = join(folder, 'prisma/migrations')
  await mkdir(migrationsFolder, { recursive: true })
  await copyFile(join(root, 'prisma.config.ts'), join(folder, 'prisma.config.ts'))
  await copyFile(join(root, 'package.json'), join(folder, 'package.json'))
  for (const name of ['node_modules', 'src']) await symlink(join(root, name), join(folder, name))
  const cli = join(root, 'node_modules/prisma/build/index.js')
  // Where the native engine could be downloaded, it would do the work; these tests are about ours.
  const { NATIVE_SCHEMA_ENGINE: downloaded, ...bridge } = chooseSchemaEngine({})
  const fullEnv = {
    PATH: process.env['PATH'],
    HOME: folder,
    NO_COLOR: '1',
    TZ: 'America/New_York',
    ...(downloaded === undefined ? {} : bridge),
    ...env,
  }
  const pathOf = async (name: string) => {
    const found = (await readdir(migrationsFolder)).find((entry) => withoutStamp(entry) === name)
    return join(migrationsFolder, found ?? name, 'migration.sql')
  }
  return {
    folder,
    async prisma(...args) {
      return promisify(execFile)(process.execPath, [cli, ...args], { cwd: folder, env: fullEnv }).then(
        ({ stdout, stderr }) => ({ code: 0, said: tidy(stdout + stderr) }),
        // The shape of what execFile rejects with where the command ended by itself.
        (error: { code: number; stdout: string; stderr: string }) => ({
          code: error.code,
          said: tidy(error.stdout + error.stderr),
        }),
      )
    },
    writeModels: (models) => writeFile(join(folder, 'prisma/schema.prisma'), schemaHead + models),
    async writeMigration(name, sql) {
      const path = await pathOf(name)
      await mkdir(join(path, '..'), { recursive: true })
      await writeFile(path, sql)
      await writeFile(join(migrationsFolder, 'migration_lock.toml'), 'provider = "postgresql"\n')
    },
    readMigration: async (name) => readFile(await pathOf(name), 'utf8'),
    async migrations() {
      const entries = await readdir(migrationsFolder, { withFileTypes: true })
      return entries.filter((entry) => entry.isDirectory()).map(({ name }) => withoutStamp(name))
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

const schemaHead = `generator client {
  provider = "prisma-client"
  output   = "../generated"
}

datasource db {
  provider = "postgresql"
}

`

function withoutStamp(migration: string): string {
  return migration.replace(/^\d{14}_/, '')
}

function tidy(output: string): string {
  return output
    .replace(/^(Loaded Prisma config|Prisma schema loaded|Datasource "db").*\n/gm, '')
    .replace(/\b\d{14}_/g, '')
    .replace(/127\.0\.0\.1:\d+/g, 'HOST')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ UTC/g, 'TIME')
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{2,}/g, '\n')
    .trim()
}
