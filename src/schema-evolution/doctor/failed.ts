import type { Catalog } from '../files/catalog.ts'
import { type MigrationRecord, resumable } from '../database/read-records.ts'
import type { Finding } from '../files/finding.ts'
import { checksumOf } from '../files/lineage.ts'
import { directivesOf } from '../sql/directives.ts'
import { parseSql, SqlSyntaxError } from '../sql/parse.ts'
import { remedies } from '../check/lineage-check.ts'
import { driftedObjects, takeBack } from './drift.ts'
import { firstLines } from './records.ts'

/** What a database should have before and after the migration that didn't finish; null where that isn't known. */
export interface AroundFailed {
  readonly before: Catalog | null
  readonly after: Catalog | null
  readonly found: Catalog | null
}

/** A migration that began and didn't finish: what the database said, at which statement, and what is left of it. */
export function failedFinding(
  record: MigrationRecord,
  scripts: ReadonlyMap<string, string | null>,
  around: AroundFailed,
): Finding {
  const { name, startedAt, logs } = record
  const said = logs?.trim() ? `The database said: ${firstLines(logs)}` : killed
  const { left, remedy } = settlement(record, scripts, around)
  return {
    severity: 'error',
    code: 'failed',
    message: `${name} began at ${startedAt.toISOString()} and didn't finish${placeOf(record, scripts.get(name) ?? null)}. ${said}`,
    cause: `Nothing else is applied before it is settled. ${left}`,
    migrations: [name],
    remedy,
  }
}

const killed = 'No error is recorded: the process that applied it was killed, or lost its connection.'

function settlement(
  { name, checksum, logs }: MigrationRecord,
  scripts: ReadonlyMap<string, string | null>,
  { before, after, found }: AroundFailed,
): { left: string; remedy: string } {
  const sql = scripts.get(name) ?? null
  if (sql !== null && checksumOf(sql) === checksum && logs?.startsWith(resumable)) {
    return {
      left: 'What it did so far is counted in its record, and the next run goes on there.',
      remedy: remedies.deploy,
    }
  }
  const resolve = `npx prisma migrate resolve --rolled-back ${name}`
  if (before === null || found === null) {
    return {
      left: 'What it left behind could not be told without a shadow database: look yourself before you resolve it.',
      remedy: `${resolve}, or --applied where all of it was done; then ${remedies.deploy}`,
    }
  }
  const leftovers = driftedObjects(before, found)
  if (leftovers.length === 0) {
    return { left: 'It left nothing behind in the schema.', remedy: `${resolve} && ${remedies.deploy}` }
  }
  if (after !== null && driftedObjects(after, found).length === 0) {
    return {
      left: 'All that it makes is there: only its record was not finished.',
      remedy: `npx prisma migrate resolve --applied ${name} && ${remedies.deploy}`,
    }
  }
  return {
    left: `It left behind: ${leftovers.map(({ name: object }) => object).join(', ')}.`,
    remedy: `${takeBack} && ${remedies.deploy}`,
  }
}

/** Where it is run statement by statement, its record counts them. */
function placeOf({ steps, logs }: MigrationRecord, sql: string | null): string {
  try {
    const script = parseSql(sql ?? '')
    const statement = script.statements[steps]
    const isCounted = directivesOf(script).some(({ kind }) => kind === 'no transaction')
    if (!isCounted || statement === undefined || logs === null) return ''
    return `: it stands at statement ${steps + 1} of ${script.statements.length}, in line ${statement.line}`
  } catch (error) {
    if (error instanceof SqlSyntaxError) return ''
    throw error
  }
}
