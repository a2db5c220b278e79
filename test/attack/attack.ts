import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { mintToken, organizerOfEverything } from '../../src/access/tokens.ts'
import { openDatabase } from '../../src/database/client.ts'
import { freePort } from '../free-port.ts'
import { fare, fuzz, othersChanges, slowConnections, whileAttacked } from './attacks.ts'
import { fillDearEvent, fillLongEvent } from './dear-event.ts'
import { dearQueries, measureEach, tooLong } from './dear-queries.ts'
import { startVictim, type Victim } from './victim.ts'

/**
 * `npm run attack`: what the worst that is let in costs, and how everybody else fares meanwhile. Loopback only; under
 * eight minutes on an idle machine of two cores. Prints a table, and ends with 1 if a figure falls short. One or some of
 * the attacks alone: `npm run attack -- --only dearest,fuzz`.
 */
interface Row {
  readonly what: string
  readonly measured: string
  readonly wanted: string
  readonly isReached: boolean
}

const rows: Row[] = []
const say = (line: string) => process.stdout.write(`${line}\n`)

function row(what: string, measured: number, most: number, unit = ''): void {
  const wanted = most >= 10 ? most.toFixed(0) : String(Math.round(most * 1_000) / 1_000)
  const rounded = measured >= 10 ? measured.toFixed(0) : String(Math.round(measured * 1_000) / 1_000)
  const measuredText = `${rounded} ${unit}`.trim()
  rows.push({ what, measured: measuredText, wanted: `${wanted} ${unit}`.trim(), isReached: measured <= most })
}

const attacks: Readonly<Record<string, (victim: Victim) => Promise<void>>> = {
  /** The processor time of the dearest request of each kind that is let in. */
  dearest: async (victim) => {
    const queries = await dearQueries(victim)
    const each = await measureEach(victim, new Map([...queries, ...tooLong]))
    for (const { name, server, database, answered } of each) {
      const length = `${answered.status}, ${answered.body.length} bytes`
      say(`  ${name.padEnd(26)} ${server.toFixed(2)} s server, ${database.toFixed(2)} s database, ${length}`)
      const isRefused = answered.body.includes('QUERY_TOO_COMPLEX')
      if (tooLong.has(name)) row(`${name}: not refused`, Number(!isRefused), 0)
      else row(`${name}: answered by an error`, Number(answered.body.includes('"errors"')), 0)
    }
    row('dearest request: process CPU', Math.max(...each.map(({ server }) => server)), 0.25, 's')
    row('dearest request: database CPU', Math.max(...each.map(({ database }) => database)), 0.5, 's')
  },

  /** How a cheap query and the health checks fare while twenty connections send the dearest one. */
  attacked: async (victim) => {
    const queries = await dearQueries(victim)
    const each = await measureEach(victim, queries, 2)
    const [dearest] = each.toSorted((a, b) => b.server + b.database - a.server - a.database)
    const idle = await fare(victim, 10)
    const { result, answers } = await whileAttacked(victim, queries.get(dearest!.name)!, () =>
      fare(victim, 30),
    )
    say(`  idle: median ${idle.median.toFixed(1)} ms, p99 ${idle.p99.toFixed(1)} ms`)
    say(`  the attackers (${dearest!.name}) had ${answers} answers`)
    row('cheap query, median', result.median, idle.median * 3, 'ms')
    row('cheap query, p99', result.p99, idle.p99 * 10, 'ms')
    row('cheap queries that failed', result.failed, 0)
    row('/livez, worst', result.livez, 100, 'ms')
    row('/readyz, worst', result.readyz, 1_000, 'ms')
  },

  /** How others' changes fare while one person sends as many and as large ones as they may. */
  flood: async (victim) => {
    const database = openDatabase(victim.sql.options.connectionString!, { max: 1 })
    const { token } = await mintToken(database.db, { ...organizerOfEverything, label: 'flood' })
    await database.close()
    const others = await othersChanges(victim, token)
    say(`  ${others.made} changes of others, ${others.floods} of the one who floods`)
    row("others' changes, p99", others.p99, 2_000, 'ms')
    row("others' changes that failed", others.failed, 0)
  },

  /** Connections that send a byte every five seconds. */
  slow: async (victim) => row('slow connections open after 60 s', await slowConnections(victim, 300), 0),

  /** Odd arguments, cursors and bodies. */
  fuzz: async (victim) => {
    const { sent, unforeseen } = await fuzz(victim, 10_000)
    for (const line of unforeseen.slice(0, 20)) say(`  ${line}`)
    row(`INTERNAL_SERVER_ERROR in ${sent} odd requests`, unforeseen.length, 0)
  },
}

const { values } = parseArgs({ options: { only: { type: 'string' } } })
const wanted = values.only?.split(',') ?? Object.keys(attacks)
const unknown = wanted.filter((name) => !Object.hasOwn(attacks, name))
if (unknown.length > 0) {
  say(`There is no attack called ${unknown.join(', ')}: there are ${Object.keys(attacks).join(', ')}.`)
  process.exit(1)
}

/** In milliseconds; what isn't over by then has failed. */
const bound = 8 * 60_000
// Nobody is held to a budget here: what is measured is the worst that each may do, not how soon it is slowed down.
const unlimited = { RATE_LIMIT_PER_ADDRESS: '0', RATE_LIMIT_PER_USER: '0', RATE_LIMIT_PER_TOKEN: '0' }
const victim = await startVictim(await freePort(), unlimited)
const outOfTime = sleep(bound, 'out of time' as const, { ref: false })
try {
  say(`${victim.peakMemory().toFixed(0)} MB before anything is asked`)
  await fillDearEvent(victim.sql, 'dear')
  await fillLongEvent(victim.sql, 'long')
  for (const name of wanted) {
    const began = performance.now()
    say(`${name} ...`)
    const ended = await Promise.race([attacks[name]!(victim), outOfTime])
    say(`  ${((performance.now() - began) / 1_000).toFixed(0)} s, ${victim.peakMemory().toFixed(0)} MB`)
    if (ended !== 'out of time') continue
    row(`${name}, and what comes after it: minutes`, Infinity, bound / 60_000)
    break
  }
  row('largest process memory', victim.isAlive() ? victim.peakMemory() : Infinity, 512, 'MB')
} finally {
  await victim.stop()
}

say('')
for (const { what, measured, wanted, isReached } of rows) {
  say(`${isReached ? ' ok ' : 'MISS'}  ${what.padEnd(46)} ${measured.padStart(12)}   at most ${wanted}`)
}
// What an attack that ran out of time has under way would keep the process.
process.exit(rows.every(({ isReached }) => isReached) ? 0 : 1)
