import { parseArgs } from 'node:util'
import { anonymous } from '../../src/access/viewer.ts'
import { operatorContext } from '../../src/context.ts'
import { openDatabase } from '../../src/database/client.ts'
import { parseSearch } from '../../src/features/search/search.input.ts'
import { findHits } from '../../src/features/search/search.statement.ts'
import { createLog } from '../../src/log.ts'
import { processorTime } from '../processor-time.ts'

/** `npm run bench:search`: see README.md beside this file. */
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { event: { type: 'string' }, rounds: { type: 'string', default: '60' } },
})
const url = process.env['DATABASE_URL']
const eventSlug = options.event
if (url === undefined || eventSlug === undefined) {
  throw new RangeError('Name a database in DATABASE_URL, and one of its events: --event SLUG')
}
const rounds = Number(options.rounds)
const texts =
  positionals.length > 0
    ? positionals
    : ['the', 'und', 'a', 's', 'th', 'security', 'open source', '"of the"', 'hall security', 'nobody']

// One connection, so that one process of PostgreSQL does all of it.
const database = openDatabase(url, { max: 1 })
const ctx = { ...operatorContext(database.db, createLog('silent', process.stderr)), viewer: anonymous }
const [connection] = await database.db.$queryRaw<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`
const { pid } = connection!

const rows = []
for (const text of texts) {
  const asked = parseSearch({ text, eventSlug, types: null, first: 20 })
  const shown = { selects: { Session: {}, Speaker: {}, Track: {}, Room: {} }, wantsMatches: false }
  // Planned a few times for the values at hand, and then once for all.
  for (let round = 0; round < 10; round += 1) await findHits(ctx, asked, shown)
  const before = processorTime(pid)
  const times: number[] = []
  let total = 0
  for (let round = 0; round < rounds; round += 1) {
    const start = performance.now()
    total = (await findHits(ctx, asked, shown))?.total ?? 0
    times.push(performance.now() - start)
  }
  const [least, median] = [Math.min(...times), times.toSorted((a, b) => a - b)[rounds >> 1]!]
  const processor = ((processorTime(pid) - before) / rounds) * 1_000
  rows.push({
    text,
    hits: total,
    'CPU ms': +processor.toFixed(1),
    'median ms': +median.toFixed(1),
    'least ms': +least.toFixed(1),
  })
}
// oxlint-disable-next-line no-console -- what it is for
console.table(rows)
await database.close()
