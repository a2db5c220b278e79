import type { MigrationList } from '@prisma/schema-engine-wasm/schema_engine_bg'
import { movedParents } from './join.ts'
import { lineageRowsOf, type LineageRow, makesLineageTable } from './lineage-rows.ts'
import { noParent, readLineageText } from './lineage.ts'
import { readMigrations } from './migration-files.ts'

/** `prisma/migrations` as it is on disk, or was in a commit. */
export interface MigrationFolder {
  /** The text of the lineage file; null where there is none. */
  readonly lineage: string | null
  /** migration.sql by the migration's name, in the order of the names; null where it is missing or can't be read. */
  readonly scripts: ReadonlyMap<string, string | null>
}

/** @throws the file system's error where the folder can't be read */
export async function readMigrationFolder(folder: string): Promise<MigrationFolder> {
  return { lineage: await readLineageText(folder), scripts: scriptsOf(await readMigrations(folder)) }
}

export function scriptsOf({ migrationDirectories }: MigrationList): Map<string, string | null> {
  return inOrder(
    migrationDirectories.map(({ path, migrationFile: { content } }) => [
      path,
      content.tag === 'ok' ? content.value : null,
    ]),
  )
}

/** As Prisma's CLI hands migrations to the engine. */
export function migrationList(scripts: ReadonlyMap<string, string | null>): MigrationList {
  return {
    baseDir: '',
    lockfile: { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' },
    shadowDbInitScript: '',
    migrationDirectories: [...inOrder(scripts)].map(([path, sql]) => ({
      path,
      migrationFile: {
        path: 'migration.sql',
        content: sql === null ? { tag: 'error', value: 'It cannot be read.' } : { tag: 'ok', value: sql },
      },
    })),
  }
}

/** By the code of the characters, as time stamps sort in any locale. */
export function inOrder(scripts: Iterable<readonly [string, string | null]>): Map<string, string | null> {
  return new Map([...scripts].sort(([one], [other]) => (one < other ? -1 : Number(one > other))))
}

/** Whether the migrations make the table of the lineage; where none ever does, there is nothing to keep. */
export function keepsLineage(scripts: ReadonlyMap<string, string | null>): boolean {
  return [...scripts.values()].some((sql) => sql !== null && makesLineageTable(sql))
}

/**
 * The rows of `migration_lineage` that a migration must write: its own, and the one that makes the table those of
 * all before it as well.
 *
 * @param scripts of all migrations, in order
 * @returns none where the table isn't there yet, or where nothing ever makes it
 */
export function expectedRows(scripts: ReadonlyMap<string, string | null>, name: string): LineageRow[] {
  const names = [...scripts.keys()]
  const moved = movedParents(scripts)
  const rows = names.map((each, index) => ({
    name: each,
    parent: moved.get(each)?.from ?? names[index - 1] ?? noParent,
  }))
  const founder = names.findIndex((each) => makesLineageTable(scripts.get(each) ?? ''))
  const index = names.indexOf(name)
  if (founder === -1 || index < founder) return []
  return index === founder ? rows.slice(0, index + 1) : [rows[index]!]
}

/** What migrations say themselves about whom they follow, joins counted; only of those that are there. */
export function writtenParents(scripts: ReadonlyMap<string, string | null>): Map<string, string> {
  const rows = [...scripts].flatMap(([name, sql]) => {
    const written = lineageRowsOf(sql ?? '')
    // A renamed folder has the row of its former name.
    return written.length === 1 ? [{ name, parent: written[0]!.parent }] : written
  })
  const moved = movedParents(scripts)
  return new Map(
    rows
      .filter(({ name }) => scripts.has(name))
      .map(({ name, parent }) => [name, moved.get(name)?.to ?? parent]),
  )
}
