import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { openEmbeddedDatabase } from '../../src/database/embedded/embedded.ts'
import { tellWebhooks } from './webhooks.ts'

/**
 * `npm run replay:webhooks`: 10,000 changes in 400 seconds to 20 receivers, of which 3 hang and 2 answer 500, while one of the
 * servers is killed each second. Prints what was found, and ends with 1 if it falls short. `-- --changes 500` is a short run.
 */
const { values } = parseArgs({
  options: {
    changes: { type: 'string', default: '10000' },
    rate: { type: 'string', default: '25' },
    sessions: { type: 'string', default: '400' },
    servers: { type: 'string', default: '3' },
    'kill-every': { type: 'string', default: '1000' },
  },
})
const folder = await mkdtemp(path.join(os.tmpdir(), 'open-event-webhooks-'))
const database = await openEmbeddedDatabase(folder)
const say = (name: string, value: string) =>
  process.stdout.write(`${name.padEnd(44)} ${value.padStart(10)}\n`)
try {
  const told = await tellWebhooks({
    databaseUrl: database.url,
    sessions: Number(values.sessions),
    changes: Number(values.changes),
    rate: Number(values.rate),
    servers: Number(values.servers),
    killEvery: Number(values['kill-every']),
    ...{ healthy: 15, hanging: 3, failing: 2, patience: 60 },
  })
  const within = (times: readonly number[], share: number) =>
    `${times[Math.floor(times.length * share)] ?? 0} ms`
  const slowest = Number.parseInt(within(told.delays, 0.99), 10)
  say('changes', String(told.changes))
  say(`ends of one of ${values.servers} servers`, String(told.kills))
  say('half of the servers were ready again within', within(told.starts, 0.5))
  say('messages that 15 healthy receivers got', String(told.received))
  say('lost', String(told.lost))
  say('overtaken', String(told.overtaken))
  say('given up', String(told.givenUp))
  say('from commit to receiver, half within', within(told.delays, 0.5))
  say('99 of 100 within (wanted: 1000 ms)', within(told.delays, 0.99))
  const isRight = told.lost + told.overtaken + told.givenUp === 0 && slowest < 1_000 && told.delays.length > 0
  process.exitCode = isRight ? 0 : 1
} finally {
  await database.release()
  await rm(folder, { recursive: true, force: true })
}
