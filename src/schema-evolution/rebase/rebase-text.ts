import type { OrderConflict } from '../sql/commute.ts'
import type { PreparedRebase, RebaseResult } from './rebase.ts'

/** Whether the two branches commute, and what is in the way of a rebase. */
export function describePrepared({ branches, conflicts, obstacle }: PreparedRebase): string {
  const { mine, theirs, doubled, onto } = branches
  return [
    ...[...doubled].map(
      ([name, same]) => `${name} (yours) does the very same as ${same} (${onto}), so it isn't needed.`,
    ),
    describeConflicts(conflicts, mine, theirs, onto),
    ...(obstacle === null ? [] : [`\n${obstacle.message}\nDo: ${obstacle.remedy}`]),
  ].join('\n')
}

export function describeConflicts(
  conflicts: readonly OrderConflict[],
  mine: readonly string[],
  theirs: readonly string[],
  others: string,
): string {
  if (mine.length === 0 || theirs.length === 0) {
    return `Yours: ${mine.join(', ') || 'none'}. New in ${others}: ${theirs.join(', ') || 'none'}.`
  }
  const who = `${mine.join(', ')} (yours) and ${theirs.join(', ')} (${others})`
  if (conflicts.length === 0) return `They commute: ${who} give the same in either order.`
  const objects = conflicts.map(({ object, message }) => `  ${object}: ${message}`).join('\n')
  return `They don't commute: of ${who} the order matters, so look at these:\n${objects}`
}

export function describeRebase(
  { branches }: PreparedRebase,
  { outcome, fault, written, database }: RebaseResult,
  dryRun: boolean,
): string {
  if (outcome === 'replay failed') {
    return `\nOne after the other, they can't be applied; nothing was changed.\n\n${fault}\nMend that file, then run this again.`
  }
  if (outcome === 'in the way') return `\n${fault}`
  if (outcome === 'differs') {
    return (
      `\nTogether, the migrations don't make what prisma/schema.prisma says; nothing was changed. To get there:\n\n${fault}\n\n` +
      'If schema.prisma is wrong, mend it and run this again. If a migration is missing:\n' +
      'Do: npm run migrations -- rebase --despite-difference && npx prisma migrate dev --name what-differs'
    )
  }
  const verb = dryRun ? 'Would write' : 'Wrote'
  const files =
    written.length === 0
      ? `Nothing to rebase: yours follow ${branches.onto}.`
      : written.map((file) => `${verb} prisma/migrations/${file}`).join('\n')
  const proof =
    fault === null
      ? 'Tried from zero: all migrations are applied, and make what prisma/schema.prisma says.'
      : `Tried from zero. What prisma/schema.prisma has beyond that:\n${fault}\nDo: npx prisma migrate dev --name what-differs`
  return [
    '',
    files,
    proof,
    ...(database === null ? [] : [`Your database ${database.message}`]),
    ...(written.length === 0 || dryRun ? [] : ['Do: git add prisma, then commit.']),
  ].join('\n')
}
