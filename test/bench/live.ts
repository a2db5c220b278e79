import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { startVictim, type Victim } from '../attack/victim.ts'
import { freePort } from '../free-port.ts'
import type { Order, Report } from './live-clients.ts'

/**
 * `npm run bench:live`: what many who follow one event cost, how soon they are told, and whether those who come back miss
 * anything. Prints a table, and ends with 1 if a figure falls short. `-- 1000` for another number of clients than 10,000.
 */
const count = Number(process.argv[2] ?? 10_000)
const rows: string[] = []
let isReached = true

function row(what: string, measured: number, most: number, unit: string): void {
  const ok = measured <= most
  isReached &&= ok
  rows.push(
    `${ok ? ' ok ' : 'MISS'}  ${what.padEnd(58)} ${measured.toFixed(0).padStart(8)} ${unit}   at most ${most}`,
  )
}

const many = String(count + 100)
const victim = await startVictim(await freePort(), {
  MAX_CONNECTIONS: many,
  MAX_CONNECTIONS_PER_ADDRESS: many,
  MAX_SUBSCRIPTIONS_PER_ADDRESS: many,
  RATE_LIMIT_PER_ADDRESS: '0',
  RATE_LIMIT_PER_TOKEN: '0',
})
const clients = fork(fileURLToPath(new URL('live-clients.ts', import.meta.url)), {
  execArgv: ['--import', 'tsx'],
})
try {
  const sessionId = await createSession(victim)
  let changed = 0
  const change = async () => {
    changed += 1
    await ask(
      victim,
      `mutation { updateSession(id: "${sessionId}", patch: { title: "Change ${changed}" }) { session { id } } }`,
    )
  }
  const settled = async (): Promise<Report> => {
    const delays: number[] = []
    for (let tries = 0; ; tries += 1) {
      const report = (await tell(clients, { do: 'report' }))!
      for (const delay of report.delays) delays.push(delay)
      if (report.told >= changed || tries > 60) return { ...report, delays: delays.toSorted((a, b) => a - b) }
      await sleep(500)
    }
  }
  await tell(clients, {
    do: 'connect',
    url: `ws://127.0.0.1:${victim.port}/graphql`,
    eventSlug: 'demo-conference',
    clients: count,
  })
  await sleep(5_000)
  const before = victim.cpu().server
  await sleep(10_000)
  row(`${count} idle: processor, of one core`, (victim.cpu().server - before) * 10, 10, '%')
  row(`${count} idle: memory`, victim.memory(), 400, 'MB')

  const beforeChanges = victim.cpu().server
  for (let n = 0; n < 20; n += 1) {
    await change()
    await sleep(1_000)
  }
  const live = await settled()
  const spent = (victim.cpu().server - beforeChanges) / (count * 20)
  rows.push(`      ${'processor for one delivery'.padEnd(58)} ${(spent * 1e6).toFixed(0).padStart(8)} us`)
  row('a change reaches half of them after', live.delays[Math.floor(live.delays.length / 2)]!, 250, 'ms')
  row(
    'a change reaches 99 of 100 of them after',
    live.delays[Math.floor(live.delays.length * 0.99)]!,
    250,
    'ms',
  )
  row('deliveries that lack', count * 20 - live.delays.length, 0, '')

  const coming = tell(clients, { do: 'reconnect', clients: count / 2, withinMs: 10_000 })
  let isComing = true
  const stopChanging = () => (isComing = false)
  void coming.then(stopChanging, stopChanging)
  while (isComing) {
    await change()
    await sleep(500)
  }
  await coming
  const back = await settled()
  row(`gaps and doubles of ${count / 2} that come back within 10 s`, back.wrongChains, 0, '')
  row('connections that had to be tried again', back.triedAgain, 0, '')
  row('memory after all of it', victim.memory(), 400, 'MB')
} finally {
  clients.kill()
  await victim.stop()
}
process.stdout.write(`${rows.join('\n')}\n`)
process.exitCode = isReached ? 0 : 1

async function tell(to: ChildProcess, order: Order): Promise<Report | null> {
  to.send(order)
  const [answer] = (await once(to, 'message')) as [{ report?: Report | null; error?: string }]
  if (answer.error !== undefined) throw new Error(answer.error)
  return answer.report ?? null
}

async function createSession(to: Victim): Promise<string> {
  const { createSession: created } = await ask(
    to,
    'mutation { createSession(input: { eventSlug: "demo-conference", title: "Change 0", state: CONFIRMED }) { session { id } } }',
  )
  return created.session.id as string
}

// oxlint-disable-next-line typescript/no-explicit-any -- each query knows the shape of its answer
async function ask({ port, token }: Victim, query: string): Promise<any> {
  const response = await fetch(`http://127.0.0.1:${port}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
  })
  const { data, errors } = (await response.json()) as { data: unknown; errors?: unknown }
  if (errors !== undefined) throw new Error(JSON.stringify(errors))
  return data
}
