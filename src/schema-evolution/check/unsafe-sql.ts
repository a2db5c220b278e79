import type { Finding } from '../files/finding.ts'
import type { NoRelease, RunningRelease } from '../files/last-release.ts'
import { statementBelow } from '../sql/directives.ts'
import { emptySchema } from '../sql/known-schema.ts'
import { SqlSyntaxError } from '../sql/parse.ts'
import { columnRules } from './column-rules.ts'
import type { Breach } from './breach.ts'
import { lockRules } from './lock-rules.ts'
import { type ReadMigration, readMigrationSql } from './read-migration.ts'
import { releaseRules } from './release-rules.ts'
import { isRule, rules } from './rules.ts'
import { transactionRules } from './transaction-rules.ts'

/** A finding with its place. */
export interface SqlFinding extends Finding {
  /** From the project's folder. */
  readonly file: string
  /** From 1. */
  readonly line: number
}

/**
 * Migrations up to this one were made before the first release, when there was no row to wait for and no code that ran
 * meanwhile; applied, they can't be edited any more. They are read, to know the schema that the later ones meet.
 */
export const lastUnchecked = '20261123210000_migration_lineage'

/**
 * What would hurt in production, of every migration that the rules apply to, in their order and by line. An exception is
 * a comment right above the statement: `-- migration: allow RULE because REASON`.
 *
 * @param scripts name to SQL, in the order of the names; null where it couldn't be read, which isn't for us to tell
 * @param since only migrations after this one are checked
 */
export function findUnsafeSql(
  scripts: ReadonlyMap<string, string | null>,
  release: RunningRelease | NoRelease,
  since: string = lastUnchecked,
): SqlFinding[] {
  const schema = emptySchema()
  return [...scripts].flatMap(([name, sql]) => {
    if (sql === null) return []
    const found = read(name, sql)
    return name > since ? found.map((one) => finding(name, one)) : []
  })

  function read(name: string, sql: string): Breach[] {
    try {
      return checkMigration(readMigrationSql(name, sql, schema), release)
    } catch (error) {
      if (!(error instanceof SqlSyntaxError)) throw error
      return [{ rule: 'syntax-error', line: error.line, does: `PostgreSQL says: ${error.problem}.` }]
    }
  }
}

function checkMigration(migration: ReadMigration, release: RunningRelease | NoRelease): Breach[] {
  const found = [
    ...lockRules(migration),
    ...columnRules(migration),
    ...transactionRules(migration),
    ...releaseRules(migration, release),
  ]
  const each = [...new Map(found.map((one) => [Object.values(one).join(), one])).values()]
  return applyExceptions(migration, each).sort((one, other) => one.line - other.line)
}

function applyExceptions({ script, directives }: ReadMigration, found: readonly Breach[]): Breach[] {
  const allowed = new Set<Breach>()
  const faults = directives.flatMap((directive): Breach[] => {
    const { line } = directive
    if (directive.kind === 'unknown') {
      const does = `"-- migration: ${directive.text}" isn't understood.`
      return [{ rule: 'unknown-directive', line, does }]
    }
    if (directive.kind !== 'allow') return []
    const { rule } = directive
    if (!isRule(rule)) return [{ rule: 'unknown-rule', line, does: `There is no rule ${rule}.` }]
    const below = statementBelow(script, line)
    const meant = found.filter((one) => one.rule === rule && one.line === below?.line)
    for (const one of meant) allowed.add(one)
    return meant.length > 0 ? [] : [{ rule: 'unused-exception', line, does: `It allows ${rule}.` }]
  })
  return [...found.filter((one) => !allowed.has(one)), ...faults]
}

function finding(name: string, { rule, line, does }: Breach): SqlFinding {
  const { severity, happens, safely } = rules[rule]
  return {
    severity,
    code: rule,
    message: `${name}/migration.sql:${line} ${does} ${happens}`,
    migrations: [name],
    remedy: safely,
    file: `prisma/migrations/${name}/migration.sql`,
    line,
  }
}
