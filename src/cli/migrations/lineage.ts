import { defineCommand } from 'citty'
import { migrationsFolder } from '../../config.ts'
import { describeFinding } from '../../schema-evolution/files/finding.ts'
import { readBase, sharedChecksums } from '../../schema-evolution/files/git.ts'
import { planMending, writeMending } from '../../schema-evolution/check/lineage-mending.ts'
import { readMigrationFolder } from '../../schema-evolution/files/migration-folder.ts'
import { exitCodes, explain } from '../explain.ts'
import { onlyKnownOptions } from './known-options.ts'

const args = {
  write: { type: 'boolean', description: 'write it; without this, only what would be written is told' },
} as const

/** Where two branches meet it changes nothing, says so and exits with 1: that is for `rebase`. */
export const lineage = defineCommand({
  meta: {
    name: 'lineage',
    description:
      'Brings the lineage in line with migrations that were written, renamed or edited by hand: their lines in ' +
      "prisma/migrations/lineage and the rows that they write. What the remote's main branch has stays as it is.",
  },
  args,
  async run({ args: given, rawArgs }) {
    await explain(async () => {
      onlyKnownOptions(args, rawArgs)
      const folder = await readMigrationFolder(migrationsFolder)
      const mending = planMending(folder, sharedChecksums(readBase(migrationsFolder)))
      if (Array.isArray(mending)) {
        process.exitCode = exitCodes.failed
        console.log(mending.map(describeFinding).join('\n'))
        return
      }
      if (given.write) await writeMending(migrationsFolder, mending)
      const verb = given.write ? 'Wrote' : 'Would write (say --write)'
      console.log(
        mending.changes.map((file) => `${verb} prisma/migrations/${file}`).join('\n') || 'Nothing to write.',
      )
    })
  },
})
