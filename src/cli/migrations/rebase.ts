import { defineCommand } from 'citty'
import { migrationsFolder } from '../../config.ts'
import { describePrepared, describeRebase } from '../../schema-evolution/rebase/rebase-text.ts'
import {
  finishRebase,
  type PreparedRebase,
  prepareRebase,
  type RebaseResult,
} from '../../schema-evolution/rebase/rebase.ts'
import { explain } from '../explain.ts'
import { onDatabase } from '../on-database.ts'
import { joiningCodes } from './joining-codes.ts'
import { onlyKnownOptions } from './known-options.ts'

const args = {
  onto: {
    type: 'string',
    valueHint: 'BRANCH',
    description:
      "what stays as it is; without it the remote's main branch, and a branch that is being merged",
  },
  'dry-run': { type: 'boolean', description: 'try everything, change nothing, say what would be done' },
  'no-database': { type: 'boolean', description: 'leave your database as it is; only its server is used' },
  undo: {
    type: 'boolean',
    description:
      'where the order matters: take your migrations back by their down.sql, then apply all in order',
  },
  'despite-difference': {
    type: 'boolean',
    description:
      'also where the migrations do not make what schema.prisma says: "npx prisma migrate dev" is next',
  },
  json: { type: 'boolean', description: 'print the result as JSON' },
} as const

export const rebase = defineCommand({
  meta: {
    name: 'rebase',
    description:
      "Puts your branch's migrations after those of the branch that you merge, tries all of them on a shadow database, " +
      'and brings your own database in line with its rows. Exits with 20 where git has to merge first, 21 where a ' +
      'migration fails then, 22 where they do not make what schema.prisma says, 23 where your database is in the way, ' +
      '25 where something else is; no file is changed then, but for 23.',
  },
  args,
  async run({ args: given, rawArgs }) {
    await explain(async () => {
      // citty would take --no-database for the opposite of an option "database".
      onlyKnownOptions(args, rawArgs)
      const isGiven = (option: string) => rawArgs.includes(`--${option}`)
      const prepared = await prepareRebase(migrationsFolder, given.onto)
      if (!given.json) console.log(describePrepared(prepared))
      if (prepared.obstacle !== null) {
        process.exitCode = exitCodeOfObstacle(prepared.obstacle)
        if (given.json) printJson(prepared, null)
        return
      }
      const options = {
        dryRun: isGiven('dry-run'),
        leaveDatabase: isGiven('no-database'),
        undo: isGiven('undo'),
        despiteDifference: isGiven('despite-difference'),
      }
      const result = await onDatabase((place) => finishRebase(prepared, { ...place, ...options }))
      process.exitCode = exitCodeOf(result)
      if (given.json) printJson(prepared, result)
      else console.log(describeRebase(prepared, result, options.dryRun))
    })
  },
})

function exitCodeOfObstacle({ code }: NonNullable<PreparedRebase['obstacle']>): number {
  if (code === 'joined') return 0
  return code === 'merge-first' ? joiningCodes.mergeFirst : joiningCodes.inTheWay
}

function exitCodeOf({ outcome, database }: RebaseResult): number {
  if (outcome === 'replay failed') return joiningCodes.replayFailed
  if (outcome === 'differs') return joiningCodes.differs
  if (outcome === 'in the way') return joiningCodes.inTheWay
  return database?.state === 'in the way' ? joiningCodes.databaseInTheWay : 0
}

function printJson({ branches, conflicts, obstacle }: PreparedRebase, result: RebaseResult | null): void {
  const { onto, mine, theirs, doubled } = branches
  const { outcome = null, plan, fault = null, written = [], database = null } = result ?? {}
  console.log(
    JSON.stringify(
      {
        onto,
        mine,
        theirs,
        doubled: Object.fromEntries(doubled),
        commutes: conflicts.length === 0,
        conflicts: conflicts.map(({ object, message }) => ({ object, message })),
        obstacle,
        outcome,
        moves: plan?.moves ?? [],
        fault,
        written,
        database: database && { state: database.state, message: database.message },
      },
      null,
      2,
    ),
  )
}
