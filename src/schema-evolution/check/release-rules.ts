import { isRelease, type NoRelease, type RunningRelease } from '../files/last-release.ts'
import { breach, type Breach } from './breach.ts'
import type { ReadMigration } from './read-migration.ts'
import { obstaclesFor, removalsOf } from './removals.ts'

/** Expand and contract: what the last release uses stays until a later one doesn't. */
export function releaseRules(migration: ReadMigration, release: RunningRelease | NoRelease): Breach[] {
  const { directives, name } = migration
  const removals = removalsOf(migration)
  const contract = directives.find(({ kind }) => kind === 'contract')
  const expand = directives.find(({ kind }) => kind === 'expand')
  // What the last release has applied already can't take anything from it.
  const running = isRelease(release) && !release.migrations.has(name) ? release : null
  const early = removals.filter(({ isUsedBy }) => running !== null && isUsedBy(running.schema))
  return [
    ...removals
      .map((removal) => {
        const { statement, text } = removal
        if (expand !== undefined) return breach('expand-that-removes', statement, `It ${text}.`)
        if (!early.includes(removal)) return breach('unmarked-contract', statement, `It ${text}.`)
        const does = `It ${text}, which is in the schema.prisma of ${running!.name}.`
        return breach('contract-too-early', statement, does)
      })
      .filter(({ rule }) => rule !== 'unmarked-contract' || contract === undefined),
    ...(contract !== undefined && removals.length === 0
      ? [breach('needless-contract', contract, 'The file is marked as a contract.')]
      : []),
    ...(running === null ? [] : obstaclesFor(migration, running.schema)).map(({ statement, text }) =>
      breach('breaks-last-release', statement, `${running!.name} is in its way: ${text}.`),
    ),
  ]
}
