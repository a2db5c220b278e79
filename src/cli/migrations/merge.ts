import { defineCommand } from 'citty'
import { migrationsFolder } from '../../config.ts'
import { describeMerge, describePreparedMerge } from '../../schema-evolution/merge/merge-text.ts'
import {
  finishMerge,
  type MergeResult,
  type PreparedMerge,
  prepareMerge,
} from '../../schema-evolution/merge/merge.ts'
import { explain } from '../explain.ts'
import { onDatabase } from '../on-database.ts'
import { joiningCodes } from './joining-codes.ts'
import { onlyKnownOptions } from './known-options.ts'

const args = {
  base: {
    type: 'string',
    valueHint: 'BRANCH',
    description:
      "the branch that has to be merged before; without it the remote's main branch, where there is one",
  },
  'dry-run': { type: 'boolean', description: 'try everything, write nothing' },
  json: { type: 'boolean', description: 'print the result as JSON' },
} as const

export const merge = defineCommand({
  meta: {
    name: 'merge',
    description:
      'Joins two heads that are both applied somewhere, so that no file of theirs may change: writes two migrations ' +
      'around them, and proves on shadow databases that a new database, and one that has only the one or the other, ' +
      'end the same. Refuses with 24 where the order matters; exits with 20 where git has to merge first, 21 where a ' +
      'migration fails, 22 where the results differ, 25 where something else is in the way. No file is changed then.',
  },
  args,
  async run({ args: given, rawArgs }) {
    await explain(async () => {
      onlyKnownOptions(args, rawArgs)
      const dryRun = rawArgs.includes('--dry-run')
      const prepared = await prepareMerge(migrationsFolder, given.base)
      if (!given.json) console.log(describePreparedMerge(prepared))
      const { fork } = prepared
      const code = refusalOf(prepared)
      if (code !== 0 || fork === null) {
        process.exitCode = code
        if (given.json) printJson(prepared, null)
        return
      }
      const result = await onDatabase((place) => finishMerge({ ...prepared, fork }, { ...place, dryRun }))
      process.exitCode = exitCodes[result.outcome]
      if (given.json) printJson(prepared, result)
      else console.log(describeMerge(result, dryRun))
    })
  },
})

const exitCodes: Readonly<Record<MergeResult['outcome'], number>> = {
  joined: 0,
  'replay failed': joiningCodes.replayFailed,
  differs: joiningCodes.differs,
  'in the way': joiningCodes.inTheWay,
}

function refusalOf({ obstacle, conflicts }: PreparedMerge): number {
  if (obstacle !== null)
    return obstacle.code === 'merge-first' ? joiningCodes.mergeFirst : joiningCodes.inTheWay
  return conflicts.length > 0 ? joiningCodes.orderMatters : 0
}

function printJson({ fork, conflicts, obstacle }: PreparedMerge, result: MergeResult | null): void {
  const { outcome = null, plan = null, fault = null } = result ?? {}
  console.log(
    JSON.stringify(
      {
        parent: fork?.parent ?? null,
        lines: fork?.lines ?? [],
        commutes: conflicts.length === 0,
        conflicts: conflicts.map(({ object, message }) => ({ object, message })),
        obstacle,
        outcome,
        begins: plan?.begins ?? null,
        ends: plan?.ends ?? null,
        fault,
      },
      null,
      2,
    ),
  )
}
