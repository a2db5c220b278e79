import { setTimeout as sleep } from 'node:timers/promises'
import { mintToken, organizerOfEverything } from '../../src/access/tokens.ts'
import { openDatabase } from '../../src/database/client.ts'
import { fare, fuzz, othersChanges, slowConnections, whileAttacked } from './attacks.ts'
import { dearQueries, measureEach } from './dear-queries.ts'
import { fillDearEvent } from './dear-event.ts'
import { startVictim } from './victim.ts'

/**
 * `npm run attack`: what the worst that is let in costs, and how everybody else fares meanwhile. Loopback only; some
 * minutes. Prints a table, and ends with 1 if a figure falls short.
 */
const rows: {
  readonly what: string
  readonly measured: string
  readonly wanted: string
  readonly isReached: boolean
}[] = []

function row(what: string, measured: number, most: number, unit: string): void {
  const rounded = measured >= 10 ? measured.toFixed(0) : measured.toFixed(3)
  rows.push({ what, measured: `${rounded} ${unit}`, wanted: `${most} ${unit}`, isReached: measured <= most })
}

const say = (line: string) => process.stdout.write(`${line}\n`)
// Nobody is held to a budget here: what is measured is the worst that each may do, not how soon it is slowed down.
const unlimited = { RATE_LIMIT_PER_ADDRESS: '0', RATE_LIMIT_PER_USER: '0', RATE_LIMIT_PER_TOKEN: '0' }
const victim = await startVictim(4390, unlimited)
try {
  await fillDearEvent(victim.sql, 'dear')
  const queries = await dearQueries(victim)
  const each = await measureEach(victim, queries)
  for (const { name, server, database, answered } of each) {
    say(
      `${name.padEnd(26)} ${server.toFixed(2)} s server, ${database.toFixed(2)} s database, ${answered.body.length} bytes`,
    )
  }
  row('dearest request: process CPU', Math.max(...each.map(({ server }) => server)), 0.25, 's')
  row('dearest request: database CPU', Math.max(...each.map(({ database }) => database)), 0.5, 's')

  const idle = await fare(victim, 10)
  const [dearest] = each.toSorted((a, b) => b.server + b.database - a.server - a.database)
  const attacked = await whileAttacked(victim, queries.get(dearest!.name)!, () => fare(victim, 30))
  say(`idle: median ${idle.median.toFixed(1)} ms, p99 ${idle.p99.toFixed(1)} ms`)
  say(`the attackers (${dearest!.name}) had ${attacked.answers.length} answers`)
  row('cheap query, median', attacked.result.median, idle.median * 3, 'ms')
  row('cheap query, p99', attacked.result.p99, idle.p99 * 10, 'ms')
  row('cheap queries that failed', attacked.result.failed, 0, '')
  row('/livez, worst', attacked.result.livez, 100, 'ms')
  row('/readyz, worst', attacked.result.readyz, 1_000, 'ms')

  const database = openDatabase(victim.sql.options.connectionString!, { max: 1 })
  const { token: flooder } = await mintToken(database.db, { ...organizerOfEverything, label: 'flood' })
  await database.close()
  const others = await othersChanges(victim, flooder)
  row("others' changes, p99", others.p99, 2_000, 'ms')
  row("others' changes that failed", others.failed, 0, '')

  row('slow connections open after 60 s', await slowConnections(victim, 300), 0, '')

  const { sent, unforeseen } = await fuzz(victim, 10_000)
  for (const line of unforeseen.slice(0, 20)) say(line)
  row(`INTERNAL_SERVER_ERROR in ${sent} odd requests`, unforeseen.length, 0, '')
  await sleep(100)
  row('largest process memory', victim.isAlive() ? victim.peakMemory() : Infinity, 512, 'MB')
} finally {
  await victim.stop()
}

say('')
for (const { what, measured, wanted, isReached } of rows) {
  say(`${isReached ? ' ok ' : 'MISS'}  ${what.padEnd(46)} ${measured.padStart(12)}   at most ${wanted}`)
}
process.exitCode = rows.every(({ isReached }) => isReached) ? 0 : 1
