import { createHash } from 'node:crypto'
import type { World } from '../world.ts'

/** One entry of a feed, as a client reads it. */
export interface Entry {
  readonly id: string
  readonly operation: string
  readonly version: number
  readonly changedAt: string
  readonly node: { readonly id: string; readonly version: number; readonly [field: string]: unknown } | null
  readonly transactionEnds: boolean
  readonly cursor: string
}

export interface FeedPage {
  readonly changes: Entry[]
  readonly cursor: string
  readonly hasMore: boolean
  readonly checksum: string
}

type Ask = World['organize']

const fields = 'operation version changedAt transactionEnds cursor'
const queries = {
  sessions: `query ($after: String, $since: DateTime, $first: Int) {
    feed: sessionChanges(eventSlug: "spring", after: $after, since: $since, first: $first) { cursor hasMore checksum
      changes { id: sessionId ${fields} node: session { id version title state startsAt room { name } speakers { name } } } } }`,
  programme: `query ($after: String, $since: DateTime, $first: Int) {
    feed: programmeChanges(eventSlug: "spring", after: $after, since: $since, first: $first) { cursor hasMore checksum
      changes { id: nodeId ${fields} node { __typename id ... on Versioned { version } ... on Event { name } ... on Session { title speakers { name } }
        ... on Speaker { name availability { startsAt } } ... on Room { name openingHours { startsAtLocal } } ... on Track { name } ... on SessionType { name }
        ... on Break { name startsAtLocal room { name } } } } } }`,
}

/** Reads one page. @throws Error with the answer's errors */
export async function readFeed(
  ask: Ask,
  feed: keyof typeof queries,
  variables: { after?: string | null; since?: string; first?: number } = {},
): Promise<FeedPage & { statements: number }> {
  const { data, errors, statements } = await ask(queries[feed], variables)
  if (errors !== undefined) throw new Error(JSON.stringify(errors))
  return { ...data.feed, statements }
}

/** A client that keeps a copy of what it sees, by a feed. */
export class Copy {
  readonly rows = new Map<string, NonNullable<Entry['node']>>()
  readonly entries: Entry[] = []
  cursor: string | null = null
  checksum = ''
  readonly #ask: Ask
  readonly #feed: keyof typeof queries
  readonly #first: number

  constructor(ask: Ask, feed: keyof typeof queries, first = 100) {
    this.#ask = ask
    this.#feed = feed
    this.#first = first
  }

  /** Reads on to the end. @returns what came */
  async catchUp(): Promise<Entry[]> {
    const before = this.entries.length
    for (let hasMore = true; hasMore;) {
      const page = await readFeed(this.#ask, this.#feed, { after: this.cursor, first: this.#first })
      for (const entry of page.changes) {
        if (entry.node === null) this.rows.delete(entry.id)
        else this.rows.set(entry.id, entry.node)
      }
      this.entries.push(...page.changes)
      this.cursor = page.cursor
      this.checksum = page.checksum
      hasMore = page.hasMore
    }
    return this.entries.slice(before)
  }

  ownChecksum(): string {
    return checksumOf(this.rows.values())
  }
}

/** As the description of `checksum` says. */
export function checksumOf(rows: Iterable<{ readonly id: string; readonly version: number }>): string {
  const lines = Array.from(rows, ({ id, version }) => `${id} ${version}`).toSorted()
  return createHash('sha256').update(lines.join('\n')).digest('hex')
}
