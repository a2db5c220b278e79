import { defineCommand } from 'citty'
import { migrationsFolder } from '../../config.ts'
import { checkMigrations } from '../../schema-evolution/check/check.ts'
import { describeFinding } from '../../schema-evolution/files/finding.ts'
import { exitCodes, explain } from '../explain.ts'
import { onlyKnownOptions } from './known-options.ts'

const args = {
  base: {
    type: 'string',
    valueHint: 'BRANCH',
    description: "the branch to compare with; without it the remote's main branch, where there is one",
  },
  json: { type: 'boolean', description: 'print { base, findings } as JSON' },
} as const

/** Files and git alone: no database is asked. Exits with 1 where there are findings. */
export const check = defineCommand({
  meta: {
    name: 'check',
    description: 'Finds what is wrong with the migrations before they are merged, and says what mends it.',
  },
  args,
  async run({ args: given, rawArgs }) {
    await explain(async () => {
      onlyKnownOptions(args, rawArgs)
      const { base, count, findings } = await checkMigrations(migrationsFolder, given.base)
      if (findings.length > 0) process.exitCode = exitCodes.failed
      if (given.json) {
        console.log(JSON.stringify({ base, findings }, null, 2))
      } else if (findings.length > 0) {
        console.log(findings.map(describeFinding).join('\n'))
      } else {
        const compared = base === null ? 'no branch to compare with' : `compared with ${base}`
        console.log(`The ${count} migrations are in order (${compared}).`)
      }
    })
  },
})
