import { defineCommand } from 'citty'
import { migrationsFolder } from '../../config.ts'
import { openPool } from '../../database/pool.ts'
import type { DeployOptions } from '../../schema-evolution/deploy/deploy.ts'
import { requireSchema } from '../../schema-evolution/gate/require-schema.ts'
import { explain } from '../explain.ts'
import { onDatabase } from '../on-database.ts'
import { onlyKnownOptions } from './known-options.ts'

const args = {
  wait: {
    type: 'string',
    valueHint: 'SECONDS',
    description: 'how long to wait for somebody else who migrates; 600 without it',
  },
  'lock-timeout': {
    type: 'string',
    valueHint: 'MS',
    description:
      'how long a statement may keep others waiting for its lock before it lets them through; 5000 without it',
  },
  json: {
    type: 'boolean',
    description: 'print { applied, state, message } as JSON; what happens goes to standard error',
  },
} as const

/** Ends with the exit codes of the server's start: 0 where a server of this build would serve, 10 to 18 where not. */
export const deployCommand = defineCommand({
  meta: {
    name: 'deploy',
    description:
      'Applies the migrations that the database lacks, one process at a time, each in one transaction. Whatever ends it, ' +
      'the next run goes on. Says what is in the way otherwise, and what to run.',
  },
  args,
  async run({ args: given, rawArgs }) {
    await explain(async () => {
      onlyKnownOptions(args, rawArgs)
      const wait = wholeNumber('wait', given.wait)
      const lockTimeout = wholeNumber('lock-timeout', given['lock-timeout'])
      const asJson = given.json === true
      const say = (line: string) => (asJson ? process.stderr : process.stdout).write(`${line}\n`)
      const patience = { tell: say, lockTimeout, wait: wait === undefined ? undefined : wait * 1000 }
      const { applied, schema } = await onDatabase(({ url }) => migrated(url, patience))
      const { state, message } = schema
      if (asJson) process.stdout.write(`${JSON.stringify({ applied, state, message }, null, 2)}\n`)
      else say(`${applied.length === 0 ? 'Nothing was pending.' : `Applied: ${applied.length}.`} ${message}`)
    })
  },
})

async function migrated(databaseUrl: string, options: DeployOptions) {
  const pool = openPool(databaseUrl, { max: 1 })
  try {
    return await requireSchema({ ...options, pool, databaseUrl, migrationsFolder, migrate: true })
  } finally {
    await pool.end()
  }
}

/** @throws RangeError where it is none */
function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  if (!/^\d{1,9}$/.test(text))
    throw new RangeError(`--${option} must be a whole number, not ${JSON.stringify(text)}.`)
  return Number(text)
}
