import { stampOf } from '../files/stamp.ts'
import type { Finding } from '../files/finding.ts'
import { areJoined, joinsOf, movedParents } from '../files/join.ts'
import { lineageRowsOf, writesRows } from '../files/lineage-rows.ts'
import {
  checksumOf,
  hasConflictMarkers,
  LineageError,
  type LineageLine,
  noParent,
  parseLineage,
  placeAfter,
} from '../files/lineage.ts'
import { expectedRows, type MigrationFolder } from '../files/migration-folder.ts'

/** The commands that mend what is found. */
export const remedies = {
  deploy: 'npm run migrations -- deploy',
  rebase: 'npm run migrations -- rebase',
  write: 'npm run migrations -- lineage --write',
} as const

/** Where a file can be had again as others have it. */
export interface Shared {
  /** The branch or commit. */
  readonly ref: string
  readonly folder: MigrationFolder
}

/** What is wrong with the migrations of a folder in itself. */
export function checkFolder(folder: MigrationFolder, shared: Shared | null): Finding[] {
  const { scripts } = folder
  return [
    ...[...scripts].flatMap(([name, sql]) => checkScript(name, sql, shared)),
    ...sameStamps(scripts),
    ...checkLines(folder, shared),
    ...[...scripts].flatMap(([name, sql]) => checkRows(folder, name, sql)),
  ]
}

/** The lineage of a folder, or why it can't be known. */
export function linesOf({ lineage, scripts }: MigrationFolder): LineageLine[] | Finding {
  if (lineage === null) {
    return error(
      'no-lineage',
      'There is no file prisma/migrations/lineage.',
      [...scripts.keys()],
      remedies.write,
    )
  }
  try {
    return parseLineage(lineage)
  } catch (fault) {
    if (!(fault instanceof LineageError)) throw fault
    const isConflict = fault.code === 'conflict-markers'
    return error(fault.code, fault.message, [], isConflict ? remedies.rebase : remedies.write)
  }
}

/** Migrations that follow the same one: applied in either order, they would be two different schemas. */
export function twoHeads(lines: readonly Pick<LineageLine, 'name' | 'parent'>[]): Finding[] {
  return grouped(lines, ({ parent }) => parent).map(([parent, children]) => {
    const names = children.map(({ name }) => name).sort()
    const message = `Two heads: ${names.join(' and ')} both ${placeAfter(parent)}.`
    return error('two-heads', message, names, remedies.rebase)
  })
}

export function error(code: string, message: string, migrations: readonly string[], remedy: string): Finding {
  return { severity: 'error', code, message, migrations, remedy }
}

function checkScript(name: string, sql: string | null, shared: Shared | null): Finding[] {
  const found: Finding[] = []
  if (!/^\d{14}_\w+$/.test(name)) {
    const message = `The folder ${name} isn't called YYYYMMDDHHMMSS_what_changes, so its place in the order is left to chance.`
    found.push(
      error(
        'bad-name',
        message,
        [name],
        `git mv prisma/migrations/${name} prisma/migrations/${stamped(name)}`,
      ),
    )
  }
  if (sql === null) {
    const message = `The folder ${name} has no migration.sql that can be read.`
    found.push(error('unreadable-file', message, [name], restore(name, shared)))
  } else if (hasConflictMarkers(sql)) {
    const message = `${name}/migration.sql has git's conflict markers in it: both branches wrote it.`
    found.push(error('conflict-markers', message, [name], restore(name, shared)))
  }
  return found
}

/** A join has put those in it in the order of their names. */
function sameStamps(scripts: MigrationFolder['scripts']): Finding[] {
  const joins = joinsOf(scripts)
  const stamped = [...scripts.keys()].filter((name) => /^\d{14}/.test(name))
  const groups = grouped(stamped, (name) => name.slice(0, 14)).filter(
    ([, [first, ...others]]) => !others.every((other) => areJoined(joins, first!, other)),
  )
  return groups.map(([, same]) => {
    const message = `${same.join(' and ')} have the same time stamp, so that only their names order them.`
    return error('equal-timestamps', message, same, remedies.rebase)
  })
}

/** What shares its key with another. */
function grouped<One>(all: readonly One[], keyOf: (one: One) => string): [string, One[]][] {
  const groups = new Map<string, One[]>()
  for (const one of all) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one])
  return [...groups].filter(([, { length }]) => length > 1)
}

function checkLines(folder: MigrationFolder, shared: Shared | null): Finding[] {
  const lines = linesOf(folder)
  if (!Array.isArray(lines)) return [lines]
  const { scripts } = folder
  const lined = new Map(lines.map((line) => [line.name, line]))
  const heads = twoHeads(lines)
  const without = [...scripts.keys()].filter((name) => !lined.has(name))
  return [
    ...heads,
    ...lines.flatMap((line) => checkLine(line, lined, scripts, shared)),
    // Where two heads are, no order is right.
    ...(heads.length > 0 ? [] : checkSorting(lines)),
    ...without.map((name) =>
      error('no-line', `${name} has no line in prisma/migrations/lineage.`, [name], remedies.write),
    ),
  ]
}

function checkLine(
  { name, parent, checksum }: LineageLine,
  lined: ReadonlyMap<string, LineageLine>,
  scripts: MigrationFolder['scripts'],
  shared: Shared | null,
): Finding[] {
  const found: Finding[] = []
  if (parent !== noParent && !lined.has(parent)) {
    const message = `${name} follows ${parent}, which has no line in prisma/migrations/lineage.`
    found.push(error('unknown-parent', message, [name], remedies.write))
  }
  if (parent > name) {
    const message = `${name} follows ${parent} but sorts before it, so a new database would get them in the wrong order.`
    found.push(error('out-of-order', message, [name, parent], remedies.rebase))
  }
  const sql = scripts.get(name)
  if (sql === undefined) {
    const message = `The lineage has ${name}, and prisma/migrations/${name} isn't there: it was deleted or renamed.`
    found.push(error('no-folder', message, [name], restore(name, shared)))
  } else if (sql !== null && checksumOf(sql) !== checksum) {
    const message =
      `${name}/migration.sql isn't what the lineage has. If it was applied anywhere else, it must be restored; ` +
      `else "npx prisma migrate dev" or "${remedies.write}" takes it as it is.`
    found.push(error('edited', message, [name], restore(name, shared)))
  }
  return found
}

function checkSorting(lines: readonly LineageLine[]): Finding[] {
  const names = lines.map(({ name }) => name)
  const index = names.findIndex((name, at) => at > 0 && name < names[at - 1]!)
  if (index === -1) return []
  const message = `The lines of prisma/migrations/lineage aren't sorted: ${names[index]!} stands after ${names[index - 1]!}.`
  return [error('unsorted-lineage', message, [names[index - 1]!, names[index]!], remedies.write)]
}

/** Each migration's own SQL must write what the lineage says. */
function checkRows(folder: MigrationFolder, name: string, sql: string | null): Finding[] {
  const lines = linesOf(folder)
  const isKnown = [...folder.scripts.values()].every((each) => each !== null)
  if (sql === null || !isKnown || !Array.isArray(lines)) return []
  const parents = new Map(lines.map((line) => [line.name, line.parent]))
  const moved = movedParents(folder.scripts)
  const expected = expectedRows(folder.scripts, name).map(({ name: each, parent }) => {
    const said = parents.get(each) ?? parent
    return { name: each, parent: moved.get(each)?.to === said ? moved.get(each)!.from : said }
  })
  if (writesRows(sql, expected)) return []
  const written = lineageRowsOf(sql)
  const missing = expected.filter(({ name: each }) => !written.some((row) => row.name === each))
  if (written.length === 0) {
    const message = `${name}/migration.sql doesn't end with its INSERT INTO migration_lineage.`
    return [error('no-insert', message, [name], remedies.write)]
  }
  const message =
    missing.length > 0
      ? `${name}/migration.sql doesn't write the row of ${missing.map((row) => row.name).join(', ')} into migration_lineage.`
      : `${name}/migration.sql writes other rows into migration_lineage than prisma/migrations/lineage has: ${written
          .filter((row) => !expected.some((one) => one.name === row.name && one.parent === row.parent))
          .map((row) => `${row.name} after ${row.parent}`)
          .join(', ')}.`
  return [error('other-row', message, [name], remedies.write)]
}

/** As others have it; what they don't have may still be taken as it is. */
function restore(name: string, shared: Shared | null): string {
  return shared?.folder.scripts.has(name)
    ? `git checkout ${shared.ref} -- prisma/migrations/${name}`
    : remedies.write
}

function stamped(name: string): string {
  return `${stampOf(new Date())}_${name.replace(/^\d*_?/, '').replace(/\W+/g, '_') || 'migration'}`
}
