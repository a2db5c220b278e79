import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { isDeepStrictEqual, parseArgs } from 'node:util'
import { mintToken, organizerOfEverything } from '../../src/access/tokens.ts'
import { openDatabase } from '../../src/database/client.ts'
import { openEmbeddedDatabase } from '../../src/database/embedded/embedded.ts'
import { processorTime, processorTimeOfTree, residentMemory } from '../processor-time.ts'
import { startCountingProxy } from './counting-proxy.ts'
import { type BenchDatabase, makeDatabase } from './databases.ts'
import { type Asked, askOnce, load } from './load.ts'
import { prepareContestants } from './prepare.ts'
import { type Contestant, contestants, type Running, start } from './processes.ts'
import { type Measured, printTable, type Result, resultOf } from './results.ts'
import { type Workload, workloads } from './workloads.ts'

/** `npm run bench`: see README.md beside this file. */
const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'string' },
    sizes: { type: 'string' },
    only: { type: 'string' },
    contestants: { type: 'string' },
    rounds: { type: 'string' },
    seconds: { type: 'string' },
  },
})
const listed = (text: string | undefined) => text?.split(',').filter(Boolean)
const sizes = (
  listed(options.sizes) ?? (options.quick ? ['1000', '10000'] : ['1000', '100000', '1000000'])
).map(Number)
const rounds = Number(options.rounds ?? (options.quick ? 3 : 5))
const seconds = Number(options.seconds ?? (options.quick ? 0.7 : 5))
// Until then a server's code is compiled, more of it with one than with another.
const warmUp = options.quick ? { seconds: 1, answers: 1_000 } : { seconds: 15, answers: 4_000 }
const coldStartsOfEach = Math.min(rounds, options.quick ? 2 : 5)
const wantedWork = workloads.filter(({ name }) => listed(options.only)?.includes(name) ?? true)
const wanted = contestants.filter(({ name }) => listed(options.contestants)?.includes(name) ?? true)
const say = (line: string) => process.stdout.write(`${line}\n`)

/** What a run of the bench knows of the place that it is run in. */
interface Scene {
  readonly node: string
  readonly database: BenchDatabase
  readonly token: string
  /** The first process of PostgreSQL; null: it isn't on this machine, or isn't ours. */
  readonly postmaster: number | null
}

const node = await prepareContestants(say)
const folder = await mkdtemp(path.join(os.tmpdir(), 'open-event-bench-'))
const embedded = process.env['DATABASE_URL'] ? null : await openEmbeddedDatabase(folder)
const anyUrl = embedded?.url ?? process.env['DATABASE_URL']!
const postmaster = embedded
  ? Number(readFileSync(path.join(folder, 'postgres/data/postmaster.pid'), 'utf8').split('\n')[0])
  : null
const results: Record<string, Record<string, Record<string, Result>>> = {}
let isSound = true
try {
  for (const size of sizes) {
    say(`\n${size.toLocaleString('en')} sessions: writing them ...`)
    const database = await makeDatabase(anyUrl, size)
    const ofSize = await measureSize({ node, database, token: await tokenFor(database.url), postmaster })
    results[String(size)] = ofSize
    printTable(say, ofSize, wantedWork)
  }
} finally {
  await embedded?.release()
  await rm(folder, { recursive: true, force: true })
}
// The shape that was agreed on is that of the largest size; those of all sizes are beside it.
if (options.json) {
  await writeFile(
    options.json,
    `${JSON.stringify({ ...results[String(sizes.at(-1))], sizes: results }, null, 2)}\n`,
  )
}
process.exitCode = isSound ? 0 : 1

async function tokenFor(url: string): Promise<string> {
  const database = openDatabase(url, { max: 1 })
  try {
    return (await mintToken(database.db, { ...organizerOfEverything, label: 'bench' })).token
  } finally {
    await database.close()
  }
}

async function measureSize(scene: Scene): Promise<Record<string, Record<string, Result>>> {
  const statements = await compare(scene)
  const running = new Map<string, Running>()
  const measured: Record<string, Record<string, Measured[]>> = {}
  const coldStarts: Record<string, Measured[]> = {}
  try {
    for (const contestant of wanted) {
      // The last of some starts goes on running.
      for (let at = 0; at < coldStartsOfEach; at += 1) {
        await running.get(contestant.name)?.stop()
        const started = await startOn(scene, contestant, urlFor(contestant, scene.database))
        running.set(contestant.name, started)
        ;(coldStarts[contestant.name] ??= []).push({ coldStartMs: started.coldStart })
      }
    }
    for (const workload of wantedWork) {
      const ofWork: Record<string, Measured[]> = (measured[workload.name] = {})
      const asked = new Map(
        wanted.map(({ name }) => [name, workload.requests(name, scene.database, scene.token)]),
      )
      for (const { name } of wanted)
        await measure(running.get(name)!, scene, workload, { asked: asked.get(name)!, ...warmUp })
      for (let round = 0; round < rounds; round += 1) {
        for (const { name } of wanted) {
          const one = await measure(running.get(name)!, scene, workload, { asked: asked.get(name)!, seconds })
          ;(ofWork[name] ??= []).push(one)
        }
      }
      for (const contestant of wanted) requireHot(contestant, running.get(contestant.name)!, workload)
    }
  } finally {
    await Promise.all([...running.values()].map((each) => each.stop()))
  }
  return Object.fromEntries(
    Object.entries({ ...measured, W7: coldStarts }).map(([work, byContestant]) => [
      work,
      Object.fromEntries(
        Object.entries(byContestant).map(([name, all]) => [name, resultOf(all, statements[work]?.[name])]),
      ),
    ]),
  )
}

/** The schedule page is what everybody asks for: if it isn't kept, nothing is. */
function requireHot({ name, isHot = false }: Contestant, server: Running, workload: Workload): void {
  if (!isHot || workload.name !== 'W1' || server.logged().includes('"kept":"given"')) return
  isSound = false
  say(`${workload.name}: ${name} keeps no answers, it works out each of them`)
}

function urlFor({ isOurs }: Contestant, { url, plainUrl }: BenchDatabase): string {
  return isOurs ? url : plainUrl
}

function startOn(scene: Scene, contestant: Contestant, databaseUrl: string): Promise<Running> {
  const [first] = workloads[1]!.requests(contestant.name, scene.database, scene.token)
  const port = 4_600 + contestants.indexOf(contestant)
  return start(contestant, { node: scene.node, databaseUrl, port, first: first! })
}

/**
 * Asks each contestant each thing, and says where one answers something else than the floor does.
 *
 * @returns how many SQL statements each of them takes, once it knows the question
 */
async function compare(scene: Scene): Promise<Record<string, Record<string, number>>> {
  let areSame = true
  const statements: Record<string, Record<string, number>> = {}
  const meanings: Record<string, { readonly of: string; readonly meant: unknown[] }> = {}
  // Whoever is compared with comes first.
  for (const contestant of wanted.toSorted(
    (a, b) => Number(b.name === 'floor') - Number(a.name === 'floor'),
  )) {
    const proxy = await startCountingProxy(urlFor(contestant, scene.database))
    const running = await startOn(scene, contestant, proxy.url)
    try {
      for (const workload of wantedWork.filter(({ name }) => name !== 'W6')) {
        const asked = workload.requests(contestant.name, scene.database, scene.token).slice(0, 20)
        for (let times = 0; times < 4; times += 1) await askOnce(running.port, asked[0]!)
        proxy.statements()
        await askOnce(running.port, asked[0]!)
        ;(statements[workload.name] ??= {})[contestant.name] = proxy.statements()
        const meant = await meaningsOf(running, workload, asked)
        const expected = (meanings[workload.name] ??= { of: contestant.name, meant })
        const difference = firstDifference(meant, expected.meant)
        if (difference === null) continue
        isSound = areSame = false
        say(
          `${workload.name}: ${contestant.name} answers something else than ${expected.of} does: ${difference}`,
        )
      }
    } finally {
      await running.stop()
      proxy.close()
    }
  }
  if (areSame) say('all answers say the same')
  return statements
}

/** Where two values differ first, and how; null: nowhere. */
function firstDifference(one: unknown, other: unknown, at = ''): string | null {
  if (isDeepStrictEqual(one, other)) return null
  if (!Array.isArray(one) || !Array.isArray(other) || one.length !== other.length) {
    const [said, expected] = [one, other].map((value) => String(JSON.stringify(value)).slice(0, 300))
    return `${at || 'all'} is ${said}, not ${expected}`
  }
  const place = one.findIndex((value, index) => !isDeepStrictEqual(value, other[index]))
  return firstDifference(one[place], other[place], `${at}[${place}]`)
}

async function meaningsOf(running: Running, workload: Workload, asked: readonly Asked[]): Promise<unknown[]> {
  const meant: unknown[] = []
  for (const one of asked) {
    const { status, body } = await askOnce(running.port, one)
    try {
      meant.push(workload.meaning(JSON.parse(body)))
    } catch {
      meant.push(`${status}: ${body.slice(0, 300)}`)
    }
  }
  return meant
}

async function measure(
  running: Running,
  { postmaster }: Scene,
  { connections }: Workload,
  { asked, ...until }: { asked: readonly Asked[]; seconds: number; answers?: number },
): Promise<Measured> {
  let at = 0
  const next = () => asked[at++ % asked.length]!
  const times = () => ({
    server: processorTime(running.pid),
    database: postmaster === null ? null : processorTimeOfTree(postmaster),
  })
  const before = times()
  const loaded = await load(running.port, { connections, next, ...until })
  const after = times()
  const perAnswer = (spent: number) => (spent * 1_000) / loaded.answers
  return {
    rps: loaded.answers / loaded.seconds,
    cpuMs: perAnswer(after.server - before.server),
    databaseCpuMs: before.database === null ? undefined : perAnswer(after.database! - before.database),
    p50Ms: quantile(loaded.times, 0.5),
    p99Ms: quantile(loaded.times, 0.99),
    rssMb: residentMemory(running.pid, 'VmRSS'),
    failed: loaded.failed,
  }
}

function quantile(values: readonly number[], part: number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}
