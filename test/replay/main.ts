import { mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { openEmbeddedDatabase } from '../../src/database/embedded/embedded.ts'
import { changeLog } from './change-log.ts'
import { readLog } from './read-log.ts'
import { replay } from './replay.ts'

/**
 * `npm run replay`: 15,000 changes to 1,400 sessions, and 20 times the end of the server. Prints what was found, and ends
 * with 1 if anything is wrong. `-- --changes 1000 --sessions 200 --kills 2 --seed 7` for another run, `-- --log FILE` for a
 * log of yours (its form: `read-log.ts`), `-- --control` for one without turns at commit, which must find faults.
 */
const { values } = parseArgs({
  options: {
    changes: { type: 'string', default: '15000' },
    sessions: { type: 'string', default: '1400' },
    kills: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    log: { type: 'string' },
    control: { type: 'boolean', default: false },
  },
})
const wanted = { sessions: Number(values.sessions), changes: Number(values.changes) }
const { changes: log, sessions } =
  values.log === undefined
    ? { changes: changeLog(Number(values.seed), wanted), sessions: wanted.sessions }
    : readLog(values.log)
const folder = await mkdtemp(path.join(os.tmpdir(), 'open-event-replay-'))
const database = await openEmbeddedDatabase(folder)
const other = new URL(database.url)
other.pathname = '/postgres'
try {
  const found = await replay({
    databaseUrl: database.url,
    otherDatabaseUrl: other.href,
    paced: values.control ? 0 : 300,
    hasTurns: !values.control,
    sessions,
    log,
    kills: Number(values.kills),
  })
  const { made, refused, again, kills, told, delays, faults } = found
  const say = (line: string) => process.stdout.write(`${line}\n`)
  say(
    `${made} changes made, ${refused} refused, ${again} times tried again; the server was killed ${kills} times`,
  )
  for (const [name, count] of Object.entries(told))
    say(`  ${name.padEnd(28)} ${String(count).padStart(8)} changes`)
  const at = (share: number) => (delays[Math.floor(delays.length * share)] ?? 0).toFixed(1)
  if (delays.length > 0)
    say(`from commit to subscriber: half within ${at(0.5)} ms, 99 of 100 within ${at(0.99)} ms (wanted: 100)`)
  say(`${faults.length} faults`)
  for (const fault of faults.slice(0, 20)) say(`  ${fault}`)
  const isRight = values.control ? faults.length > 0 : faults.length === 0 && Number(at(0.99)) <= 100
  process.exitCode = isRight ? 0 : 1
} finally {
  await database.release()
  await rm(folder, { recursive: true, force: true })
}
