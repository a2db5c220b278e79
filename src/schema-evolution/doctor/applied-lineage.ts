import pg from 'pg'
import type { Finding } from '../files/finding.ts'
import { linesOf } from '../check/lineage-check.ts'
import { type LineageRow, makesLineageTable } from '../files/lineage-rows.ts'
import type { MigrationFolder } from '../files/migration-folder.ts'
import { type Examination, runSql, skipped } from './examination.ts'

/**
 * The rows of `migration_lineage` against the lineage file. They are what keeps two heads from being applied, so one that
 * is missing or another lets a second head in.
 *
 * @param applied the names of all that the database applied
 */
export function examineLineage(
  folder: MigrationFolder,
  rows: readonly LineageRow[] | null,
  applied: readonly string[],
): Examination {
  const names = [...folder.scripts.keys()]
  const founder = names.find((name) => makesLineageTable(folder.scripts.get(name) ?? ''))
  if (founder === undefined || !applied.includes(founder)) {
    return skipped('lineage', 'the migration that makes migration_lineage is not applied')
  }
  const lines = linesOf(folder)
  if (!Array.isArray(lines)) return skipped('lineage', 'prisma/migrations/lineage has to be put right first')
  const expected = lines.filter(({ name }) => applied.includes(name))
  return {
    area: 'lineage',
    isDone: true,
    looked: 'the rows of migration_lineage against prisma/migrations/lineage',
    findings: rows === null ? [noTable(founder)] : rowFindings(expected, rows, applied),
  }
}

function noTable(founder: string): Finding {
  return {
    severity: 'error',
    code: 'no-lineage-table',
    message: `The table migration_lineage isn't there, although ${founder}, which makes it, is applied.`,
    cause: 'It was dropped by hand, or left out of a dump. Without it two heads can both be applied.',
    migrations: [founder],
    remedy: `npx prisma db execute --file prisma/migrations/${founder}/migration.sql`,
  }
}

function rowFindings(
  expected: readonly LineageRow[],
  rows: readonly LineageRow[],
  applied: readonly string[],
): Finding[] {
  const found = new Map(rows.map(({ name, parent }) => [name, parent]))
  const wanted = new Set(expected.map(({ name }) => name))
  return [
    ...expected.flatMap(({ name, parent }) => {
      const is = found.get(name)
      if (is === parent) return []
      return is === undefined ? [missing(name, parent)] : [another(name, parent, is)]
    }),
    // Of one that is applied and not among the files nothing is known here.
    ...rows.filter(({ name }) => !wanted.has(name) && !applied.includes(name)).map(notApplied),
  ]
}

function missing(name: string, parent: string): Finding {
  return {
    severity: 'error',
    code: 'lineage-row-missing',
    message: `migration_lineage has no row of ${name}, which is applied.`,
    cause:
      'The row was deleted, or the file got its INSERT after it was applied; another migration could take its place.',
    migrations: [name],
    remedy: runSql(`INSERT INTO migration_lineage (name, parent) VALUES (${text(name)}, ${text(parent)})`),
  }
}

function another(name: string, parent: string, is: string): Finding {
  return {
    severity: 'error',
    code: 'lineage-row-differs',
    message: `migration_lineage says that ${name} follows ${is}; prisma/migrations/lineage says ${parent}.`,
    cause: 'It was applied before it got another parent, or one of the two was changed by hand.',
    migrations: [name],
    remedy: runSql(`UPDATE migration_lineage SET parent = ${text(parent)} WHERE name = ${text(name)}`),
  }
}

function notApplied({ name }: LineageRow): Finding {
  return {
    severity: 'warning',
    code: 'lineage-row-not-applied',
    message: `migration_lineage has a row of ${name}, which isn't applied.`,
    cause:
      'Its record was deleted or rolled back and the row stayed: applying it again will fail at that row.',
    migrations: [name],
    remedy: runSql(`DELETE FROM migration_lineage WHERE name = ${text(name)}`),
  }
}

function text(value: string): string {
  return pg.escapeLiteral(value)
}
