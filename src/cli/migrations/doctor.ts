import { existsSync } from 'node:fs'
import path from 'node:path'
import { defineCommand } from 'citty'
import { projectFolder, readConfig } from '../../config.ts'
import { describeDiagnosis } from '../../schema-evolution/doctor/doctor-text.ts'
import { type Diagnosis, diagnose } from '../../schema-evolution/doctor/doctor.ts'
import { exitCodes, explain } from '../explain.ts'
import { onDatabase } from '../on-database.ts'
import { onlyKnownOptions } from './known-options.ts'

const args = {
  json: {
    type: 'boolean',
    description:
      'print { isDatabaseReachable, findings: [{ area, severity, code, message, cause?, migrations, remedy }], ' +
      'looked: [{ area, isDone, looked }] } as JSON, for scripts; severity is error, warning or note',
  },
  base: {
    type: 'string',
    valueHint: 'BRANCH',
    description: "the branch to compare the files with; without it the remote's main branch",
  },
  database: {
    type: 'boolean',
    default: true,
    description: 'ask the database of DATABASE_URL, or the embedded one',
    negativeDescription: 'look at the files alone',
  },
} as const

/**
 * Exits with 0 where nothing is found but notes, 1 where errors or warnings are, 2 for wrong usage, 3 where the database
 * can't be reached; what the files tell is printed then too.
 */
export const doctor = defineCommand({
  meta: {
    name: 'doctor',
    description:
      'Tells everything that is wrong with the database and the working tree, why, and what to run. Changes nothing: ' +
      'migrations are replayed in a shadow database. Exits with 0 where nothing is found, 1 where something is, 2 for ' +
      "wrong usage, 3 where the database can't be reached (the files are reported all the same).",
  },
  args,
  async run({ args: given, rawArgs }) {
    await explain(async () => {
      onlyKnownOptions(args, rawArgs)
      const found = await look(given.base, given.database)
      process.stdout.write(given.json ? `${JSON.stringify(found, null, 2)}\n` : describeDiagnosis(found))
      process.exitCode = exitCodeOf(found)
    })
  },
})

async function look(base: string | undefined, withDatabase: boolean): Promise<Diagnosis> {
  const without = (none: string) =>
    diagnose({ projectFolder, base, shadowDatabaseUrl: undefined, database: { none } })
  const config = readConfig(process.env)
  if (!withDatabase) return without('not asked for')
  if (config.databaseUrl === null && !existsSync(path.join(config.dataFolder, 'postgres'))) {
    return without('there is no embedded database yet; npm start makes it')
  }
  return onDatabase(({ url, shadowDatabaseUrl }) =>
    diagnose({ projectFolder, base, shadowDatabaseUrl, database: url }),
  )
}

function exitCodeOf({ isDatabaseReachable, findings }: Diagnosis): number {
  if (isDatabaseReachable === false) return exitCodes.unreachable
  return findings.some(({ severity }) => severity !== 'note') ? exitCodes.failed : 0
}
