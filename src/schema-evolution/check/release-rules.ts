import { isRelease, type NoRelease, type Release } from '../files/last-release.ts'
import type { Found } from './found.ts'
import type { ReadMigration } from './read-migration.ts'
import { obstaclesFor, removalsOf } from './removals.ts'

/** Expand and contract: what the last release uses stays until a later one doesn't. */
export function releaseRules(migration: ReadMigration, release: Release | NoRelease): Found[] {
  const { directives, name } = migration
  const removals = removalsOf(migration)
  const contract = directives.find(({ kind }) => kind === 'contract')
  const expand = directives.find(({ kind }) => kind === 'expand')
  // What the last release has applied already can't take anything from it.
  const running = isRelease(release) && !release.migrations.has(name) ? release : null
  const early = removals.filter(({ isUsedBy }) => running !== null && isUsedBy(running.schema))
  return [
    ...removals
      .map(({ statement: { line }, text }, index): Found => {
        const isEarly = early.includes(removals[index]!)
        if (expand !== undefined) return { rule: 'expand-that-removes', line, does: `It ${text}.` }
        if (isEarly) {
          return {
            rule: 'contract-too-early',
            line,
            does: `It ${text}, which is in the schema.prisma of ${running!.name}.`,
          }
        }
        return { rule: 'unmarked-contract', line, does: `It ${text}.` }
      })
      .filter(({ rule }) => rule !== 'unmarked-contract' || contract === undefined),
    ...(contract !== undefined && removals.length === 0
      ? [
          {
            rule: 'needless-contract' as const,
            line: contract.line,
            does: 'The file is marked as a contract.',
          },
        ]
      : []),
    ...(running === null ? [] : obstaclesFor(migration, running.schema)).map(
      ({ statement: { line }, text }): Found => ({
        rule: 'breaks-last-release',
        line,
        does: `${running!.name} is in its way: ${text}.`,
      }),
    ),
  ]
}
