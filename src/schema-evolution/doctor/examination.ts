import type { Finding } from '../files/finding.ts'

/** What the doctor looks at, in the order in which it tells of it. */
export const areas = [
  'files',
  'client',
  'server',
  'rights',
  'records',
  'lineage',
  'objects',
  'schema',
  'from zero',
  'activity',
] as const

/** One area that was looked at. */
export interface Examination {
  readonly area: (typeof areas)[number]
  /** False: it couldn't be looked at, or not wholly; `looked` says why. */
  readonly isDone: boolean
  /** What was looked at, in a line. */
  readonly looked: string
  readonly findings: readonly Finding[]
}

export function skipped(area: Examination['area'], why: string): Examination {
  return { area, isDone: false, looked: why, findings: [] }
}

/** Statements as one command for a shell, on the database that all commands of the project use. */
export function runSql(...statements: readonly string[]): string {
  return `printf %s ${quoteForShell(`${statements.join('; ')};`)} | npx prisma db execute --stdin`
}

function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
