import { type Answered, ask } from './ask.ts'
import type { Victim } from './victim.ts'

const many = (count: number, field: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => field(index)).join(' ')

/** What an attacker would think of, each with a size that is made as large as the limits let in. */
const families: Readonly<Record<string, (size: number) => string>> = {
  'aliases of a leaf': (size) =>
    `{ event(slug: "dear") { sessions(first: 200) { nodes { ${many(size, (i) => `a${i}: id`)} } } } }`,
  'lists in lists': (size) =>
    `{ event(slug: "dear") { tracks { sessions(first: ${size}) { nodes { id title track { id name } room { id name } } } } } }`,
  'speakers of sessions': (size) =>
    `{ event(slug: "dear") { sessions(first: 200) { nodes { speakers { id ${many(size, (i) => `a${i}: name`)} } } } } }`,
  'speakers of fewer sessions': (size) =>
    `{ event(slug: "dear") { ${many(size, (i) => `a${i}: sessions(first: 20) { nodes { speakers { id name biography } } }`)} } }`,
  'long texts': (size) =>
    `{ event(slug: "dear") { sessions(first: 100) { nodes { ${many(size, (i) => `a${i}: description`)} } } } }`,
  'wall clocks': (size) =>
    `{ event(slug: "dear") { sessions(first: 200) { nodes { ${many(size, (i) => `a${i}: startsAtLocal(timeZone: "America/St_Johns")`)} } } } }`,
  'text filters': (size) =>
    `{ event(slug: "dear") { ${many(size, (i) => `a${i}: sessions(first: 1, filter: { text: "${dearWords.slice(i % 4).join(' ')}" }) { totalCount nodes { id } }`)} } }`,
  'speakers by text': (size) =>
    `{ event(slug: "dear") { ${many(size, (i) => `a${i}: speakers(first: 1, filter: { text: "${dearWords.slice(4 + (i % 4)).join(' ')}" }) { totalCount nodes { id } }`)} } }`,
  searches: (size) =>
    `{ ${many(size, (i) => `a${i}: search(eventSlug: "dear", first: 20, text: ${JSON.stringify(dearPhrases.slice(i % 4).join(' '))}) { totalCount nodes { node { ... on Node { id } } } }`)} }`,
  counts: (size) =>
    `{ event(slug: "dear") { ${many(size, (i) => `a${i}: sessions(first: 1, orderBy: { field: TITLE, direction: DESC }) { totalCount }`)} } }`,
  'stamps of the programme': (size) =>
    `{ ${many(size, (i) => `a${i}: event(slug: "dear") { programmeModifiedAt }`)} }`,
  introspection: (size) =>
    `{ __schema { types { ${many(size, (i) => `a${i}: fields { name args { name type { name } } type { name } }`)} } } }`,
}

/** Queries whose texts are more than an answer may have, which is known only when they are read. */
export const tooLong: ReadonlyMap<string, string> = new Map([
  [
    'one text 800 times',
    `{ event(slug: "long") { sessions(first: 1) { nodes { ${many(800, (i) => `a${i}: description`)} } } } }`,
  ],
  [
    '200 texts 40 times',
    `{ event(slug: "long") { sessions(first: 200) { nodes { ${many(40, (i) => `a${i}: description`)} } } } }`,
  ],
  [
    'biographies of 100 sessions',
    `{ event(slug: "long") { sessions(first: 100) { nodes { speakers { biography } } } } }`,
  ],
  [
    'texts of a feed',
    `{ sessionChanges(eventSlug: "long", first: 100) { changes { session { abstract description speakers { biography } } } } }`,
  ],
])

/** Words that are in every session, and in the names of what it is linked to. */
const dearWords = 'session speaker track room quick brown fox jumps over lazy dog'.split(' ')

/** What has to be looked for word by word in every text. */
const dearPhrases = ['"quick brown"', '"lazy dog"', '"fox jumps"', '"brown fox"', '"over the lazy"', 's']

/** As nobody has asked it before: no answer, plan or parsed document is at hand for it. */
export function unseen(query: string): string {
  asked += 1
  return query.replace('{', `query Unseen${asked} {`)
}

let asked = 0

/** The largest of each family that is let in. */
export async function dearQueries(victim: Victim): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (const [name, of] of Object.entries(families)) {
    let [least, most] = [0, 900]
    while (most - least > Math.max(1, least / 50)) {
      const size = Math.floor((least + most) / 2)
      const { status, body } = await ask({ port: victim.port, query: unseen(of(size)), from: '127.0.0.9' })
      const isRefused = body.includes('QUERY_TOO_COMPLEX')
      if (!isRefused && (status !== 200 || body.includes('"errors"')))
        throw new Error(`${name} of ${size}: ${body.slice(0, 300)}`)
      if (isRefused) most = size
      else least = size
    }
    if (least > 0) found.set(name, of(least))
  }
  return found
}

export interface Dearness {
  readonly name: string
  readonly server: number
  readonly database: number
  readonly answered: Answered
}

/**
 * Processor time of each in seconds: the least of some, so that what else the machine does counts less. The first run
 * doesn't count, in which caches are filled.
 */
export async function measureEach(
  victim: Victim,
  queries: ReadonlyMap<string, string>,
  times = 5,
): Promise<Dearness[]> {
  const measured: Dearness[] = []
  for (const [name, query] of queries) {
    const runs: Dearness[] = []
    for (let run = 0; run < times; run += 1) {
      const before = victim.cpu()
      const answered = await ask({ port: victim.port, query: unseen(query), from: '127.0.0.9' })
      const after = victim.cpu()
      const [server, database] = [after.server - before.server, after.database - before.database]
      runs.push({ name, server, database, answered })
    }
    const least = (of: (run: Dearness) => number) => Math.min(...runs.slice(1).map(of))
    const answered = runs.at(-1)!.answered
    measured.push({
      name,
      server: least((run) => run.server),
      database: least((run) => run.database),
      answered,
    })
  }
  return measured
}
