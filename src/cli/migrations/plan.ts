import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { defineCommand } from 'citty'
import { migrationsFolder } from '../../config.ts'
import { openPool } from '../../database/pool.ts'
import {
  lastRelease,
  type NoRelease,
  type RunningRelease,
} from '../../schema-evolution/files/last-release.ts'
import { readVerdict } from '../../schema-evolution/database/verdict.ts'
import { describePlan } from '../../schema-evolution/doctor/plan-text.ts'
import { type Plan, planDeployment } from '../../schema-evolution/doctor/plan.ts'
import { exitCodes, explain } from '../explain.ts'
import { onDatabase } from '../on-database.ts'
import { onlyKnownOptions } from './known-options.ts'

const args = {
  json: { type: 'boolean', description: 'print it as JSON, for scripts' },
  release: {
    type: 'string',
    valueHint: 'REF',
    description:
      'what runs meanwhile: a tag, branch or commit; without it the newest tag v1.2.3 before this commit',
  },
} as const

export const plan = defineCommand({
  meta: {
    name: 'plan',
    description:
      'Prints what deploying the pending migrations would do: locks, on how large tables, what is rewritten, and ' +
      'whether the running release survives. Executes nothing. Exits with 1 where the release does not survive.',
  },
  args,
  async run({ args: given, rawArgs }) {
    await explain(async () => {
      onlyKnownOptions(args, rawArgs)
      const release = lastRelease(migrationsFolder, given.release)
      const planned = await onDatabase(({ url }) => planPending(url, release))
      print(planned, given.json === true)
      if (planned.releaseSurvives === false) process.exitCode = exitCodes.failed
    })
  },
})

function print(planned: Plan, asJson: boolean): void {
  process.stdout.write(asJson ? `${JSON.stringify(planned, null, 2)}\n` : describePlan(planned))
}

/** Everything in one transaction that can't write. */
async function planPending(url: string, release: RunningRelease | NoRelease): Promise<Plan> {
  const pool = openPool(url, { max: 2 })
  try {
    const { pending } = await readVerdict(pool, migrationsFolder)
    const scripts = new Map<string, string>()
    for (const name of pending) {
      scripts.set(name, await readFile(path.join(migrationsFolder, name, 'migration.sql'), 'utf8'))
    }
    const client = await pool.connect()
    await client.query('BEGIN READ ONLY')
    try {
      return await planDeployment(client, scripts, release)
    } finally {
      await client.query('ROLLBACK')
      client.release()
    }
  } finally {
    await pool.end()
  }
}
