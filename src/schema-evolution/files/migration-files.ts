import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { MigrationDirectory, MigrationList } from '@prisma/schema-engine-wasm/schema_engine_bg'
import { textIfThere } from './change-files.ts'

const lockFile = 'migration_lock.toml'
const scriptFile = 'migration.sql'
const downFile = 'down.sql'

/**
 * The migrations of a folder in the order of their names, as Prisma's CLI hands them to the engine.
 *
 * @throws the file system's error where the folder can't be read; a script that can't is the engine's to report
 */
export async function readMigrations(folder: string): Promise<MigrationList> {
  const entries = await readdir(folder, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  return {
    baseDir: folder,
    lockfile: { path: lockFile, content: await readFile(join(folder, lockFile), 'utf8').catch(() => null) },
    shadowDbInitScript: '',
    migrationDirectories: await Promise.all(names.sort().map((name) => readMigration(folder, name))),
  }
}

async function readMigration(folder: string, name: string): Promise<MigrationDirectory> {
  const content = await readFile(join(folder, name, scriptFile), 'utf8').then(
    (value) => ({ tag: 'ok' as const, value }),
    (error: Error) => ({ tag: 'error' as const, value: error.message }),
  )
  return { path: name, migrationFile: { path: scriptFile, content } }
}

/**
 * What takes a migration back, where somebody wrote that beside its `migration.sql`; Prisma passes over it.
 *
 * @returns null where there is none
 */
export async function readDownScript(folder: string, name: string): Promise<string | null> {
  return textIfThere(join(folder, name, downFile))
}

/** The migrations before one. */
export function migrationsBefore(list: MigrationList, name: string): MigrationList {
  return { ...list, migrationDirectories: list.migrationDirectories.filter(({ path }) => path < name) }
}
