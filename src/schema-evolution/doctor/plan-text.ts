import type { Plan, PlannedLock, PlannedMigration, PlannedStatement } from './plan.ts'

/** A plan for a terminal. */
export function describePlan(plan: Plan): string {
  const { migrations, serverVersion } = plan
  if (migrations.length === 0) return 'Nothing is pending.\n'
  const count = migrations.length === 1 ? '1 migration' : `${migrations.length} migrations`
  return [
    `PostgreSQL ${serverVersion}. Deploying would apply ${count}; nothing was executed.`,
    ...migrations.map((migration) => describeMigration(migration, plan.release)),
    `${survival(plan)}\n`,
  ].join('\n\n')
}

function describeMigration(migration: PlannedMigration, release: string | null): string {
  const { name, isOneTransaction, mark, statements } = migration
  const notes = [
    isOneTransaction ? 'one transaction, which keeps every lock to its end' : 'statement by statement',
    mark,
  ]
  return [
    `${name} (${notes.filter(Boolean).join(', ')})`,
    ...statements.flatMap((statement) => describeStatement(statement, release)),
  ].join('\n')
}

function describeStatement({ line, sql, locks, breaks }: PlannedStatement, release: string | null): string[] {
  return [
    `  ${String(line).padStart(4)}  ${sql}`,
    ...locks.map((lock) => `        ${describeLock(lock)}`),
    ...breaks.map((text) => `        ! breaks ${release ?? 'the release'}: ${text}`),
  ]
}

function describeLock({ table, lock, waiting, work, does, rows, bytes }: PlannedLock): string {
  const size =
    bytes === null ? '' : ` (${rows === null ? 'rows never counted' : counted(rows)}, ${sized(bytes)})`
  const who = { 'reads and writes': 'everybody waits', writes: 'writers wait', nobody: 'nobody waits' }[
    waiting
  ]
  if (work === 'unknown') return `${does}: what it locks can't be known`
  return `${table ?? 'some table'}${size}: ${does}; ${lock}, ${who} ${duration(work, bytes)}`
}

function duration(work: PlannedLock['work'], bytes: number | null): string {
  switch (work) {
    case 'catalogue':
      return 'for an instant'
    case 'scan':
      return 'while every row is read'
    case 'index build':
      return 'while every row is read and an index written'
    case 'rewrite':
      return `while ${bytes === null ? 'all' : `about ${sized(bytes)}`} is written anew`
    case 'rows':
      return 'while rows are written, except for the same rows'
    case 'unknown':
      return ''
  }
}

function survival({ release, releaseUnknown, releaseSurvives }: Plan): string {
  if (release === null) {
    return `Whether the running release survives isn't known: ${releaseUnknown ?? ''} Name it with --release REF.`
  }
  const limit = "as far as Prisma's client goes, not SQL written by hand"
  return releaseSurvives
    ? `${release} can go on running meanwhile and afterwards (${limit}).`
    : `${release} can NOT go on running: see the lines with "!" (${limit}).`
}

function counted(rows: number): string {
  return `${new Intl.NumberFormat('en').format(rows)} ${rows === 1 ? 'row' : 'rows'}`
}

/** In steps of 1024, as PostgreSQL's pg_size_pretty. */
export function sized(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  const step = bytes < 1024 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1)
  const value = bytes / 1024 ** step
  return `${step === 0 || value >= 10 ? Math.round(value) : value.toFixed(1)} ${units[step]}`
}
