import { placeAfter } from '../files/lineage.ts'
import type { Fork } from './fork.ts'
import type { MergeResult, PreparedMerge } from './merge.ts'

/** Whether the heads commute, and what is in the way of joining them. */
export function describePreparedMerge({ fork, conflicts, obstacle }: PreparedMerge): string {
  const parts = fork === null ? [] : [describeFork(fork, conflicts)]
  if (obstacle !== null) return [...parts, obstacle.message].join('\n')
  if (fork === null) return 'Nothing to merge: there is one head.'
  if (conflicts.length === 0) return parts.join('\n')
  return [
    ...parts,
    'Databases that got them in different orders would differ, so they are not joined. Nothing was changed.',
    'Do: npm run migrations -- rebase, where one of them can still be changed; else bring the databases that have the one ' +
      'to where the others are, by hand.',
  ].join('\n')
}

function describeFork({ parent, lines }: Fork, conflicts: PreparedMerge['conflicts']): string {
  const place = placeAfter(parent)
  const who = lines.map((line) => line.join(', ')).join(' and ')
  if (conflicts.length === 0) return `They commute: ${who} ${place}, and give the same in either order.`
  const objects = conflicts.map(({ object, message }) => `  ${object}: ${message}`).join('\n')
  return `They don't commute: ${who} ${place}, and the order matters:\n${objects}`
}

export function describeMerge({ outcome, plan, fault }: MergeResult, dryRun: boolean): string {
  if (outcome !== 'joined' || plan === null) {
    return `\nThey can't be joined; nothing was changed.\n\n${fault ?? ''}`
  }
  const verb = dryRun ? 'Would write' : 'Wrote'
  return [
    '',
    `${verb} prisma/migrations/${plan.begins}`,
    `${verb} prisma/migrations/${plan.ends}`,
    `${verb} prisma/migrations/lineage and catalog`,
    'Tried from zero and from each of them alone: all end with the same schema, which is what prisma/schema.prisma says.',
    ...(dryRun
      ? []
      : [
          'Do: git add prisma, then commit. Each database gets what it lacks by "npx prisma migrate dev" or "deploy".',
        ]),
  ].join('\n')
}
