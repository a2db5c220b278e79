import { setTimeout as sleep } from 'node:timers/promises'
import { checksumOf } from '../features/copy.ts'
import { eventSlug, type Scene } from './scene.ts'

/** Whose copy it is, and how it is kept. */
export interface ReaderOptions {
  readonly name: string
  readonly url: string
  /** null: anonymous. */
  readonly token: string | null
  readonly feed: 'session' | 'programme'
  /** How many changes a page has; 'live': they come as Server-Sent Events. */
  readonly by: number | 'live'
}

interface Entry {
  readonly id: string
  readonly version: number
  readonly operation: string
  readonly changedAt: string
  readonly transactionEnds: boolean
  readonly cursor: string
  readonly node: { readonly id: string; readonly version: number; readonly subtitle?: string | null } | null
}

const entry = (feed: ReaderOptions['feed']) => `
  id: ${feed === 'session' ? 'sessionId' : 'nodeId'} version operation changedAt transactionEnds cursor
  ${
    feed === 'session'
      ? 'node: session { id version title subtitle state startsAt endsAt deletedAt room { id } }'
      : 'node { id ... on Versioned { version } ... on Session { title subtitle state startsAt } ... on Speaker { name } ... on Room { name } ... on Track { name } }'
  }`

/** A copy of what one viewer sees, kept by one chain of a feed, through any end of the server. */
export class Reader {
  readonly copy = new Map<string, NonNullable<Entry['node']>>()
  /** What is wrong with what came. */
  readonly faults: string[] = []
  /** From commit to copy, in milliseconds; of live readers. */
  delays: number[] = []
  /** How many changes it was told. */
  told = 0
  readonly options: ReaderOptions
  readonly #scene: Scene
  readonly #pairs: number
  #cursor: string | null = null
  #checksum = ''
  readonly #seen = new Set<string>()
  #isOver = false
  #running: Promise<void> | null = null

  constructor(options: ReaderOptions, scene: Scene) {
    this.options = options
    this.#scene = scene
    this.#pairs = Math.floor((scene.sessions.length - 1) / 20)
  }

  /** Takes the snapshot that the chain begins with, and then follows. */
  async start(): Promise<void> {
    await this.#catchUp()
    this.#running = this.options.by === 'live' ? this.#listen() : this.#poll()
  }

  /** Reads what is left, and compares the copy with what the viewer sees. @returns what is wrong */
  async finish(): Promise<string[]> {
    this.#isOver = true
    await this.#running
    await this.#catchUp()
    const fresh = new Reader({ ...this.options, by: 200 }, this.#scene)
    await fresh.#catchUp()
    const say = (fault: string) => this.faults.push(fault)
    for (const id of new Set([...this.copy.keys(), ...fresh.copy.keys()])) {
      const [mine, theirs] = [JSON.stringify(this.copy.get(id)), JSON.stringify(fresh.copy.get(id))]
      if (mine !== theirs) say(`the copy has ${mine}, the database ${theirs}`)
    }
    if (checksumOf(this.copy.values()) !== this.#checksum) say('the checksum is another')
    return this.faults.map((fault) => `${this.options.name}: ${fault}`)
  }

  #take({ id, version, operation, node, changedAt }: Entry): void {
    this.told += 1
    // What comes along with another thing has that one's change, and may come again.
    if (this.options.feed === 'session') {
      const key = `${id} ${version}`
      if (this.#seen.has(key)) this.faults.push(`told twice: ${operation} ${key}`)
      this.#seen.add(key)
    }
    if (node === null) this.copy.delete(id)
    else this.copy.set(id, node)
    if (this.options.by === 'live') {
      this.delays.push(performance.timeOrigin + performance.now() - Date.parse(changedAt))
    }
  }

  /** A copy that has caught up never shows half a transaction. */
  #checkPairs(): void {
    for (let pair = 0; pair < this.#pairs; pair += 1) {
      const [a, b] = [0, 1].map((n) => this.copy.get(this.#scene.sessions[pair * 2 + n]!))
      const sum = Number(a?.subtitle) + Number(b?.subtitle)
      if (sum !== 0) this.faults.push(`half a transaction: pair ${pair} sums to ${sum}`)
    }
  }

  get #headers(): Record<string, string> {
    const { token } = this.options
    return {
      'content-type': 'application/json',
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
    }
  }

  /** Reads pages until there is no more; the server may be gone in between. */
  async #catchUp(): Promise<void> {
    const { url, feed, by } = this.options
    const query = `query ($after: String, $first: Int) {
      feed: ${feed}Changes(eventSlug: "${eventSlug}", after: $after, first: $first) { cursor hasMore checksum changes { ${entry(feed)} } } }`
    for (let hasMore = true; hasMore;) {
      const variables = { after: this.#cursor, first: by === 'live' ? 100 : by }
      const page = await answered<{
        feed: { cursor: string; hasMore: boolean; checksum: string; changes: Entry[] }
      }>(() =>
        fetch(`${url}/graphql`, {
          method: 'POST',
          headers: this.#headers,
          body: JSON.stringify({ query, variables }),
        }),
      )
      for (const change of page.feed.changes) this.#take(change)
      this.#cursor = page.feed.cursor
      this.#checksum = page.feed.checksum
      hasMore = page.feed.hasMore
    }
    this.#checkPairs()
  }

  async #poll(): Promise<void> {
    while (!this.#isOver) {
      await this.#catchUp()
      await sleep(200)
    }
  }

  /** Follows by Server-Sent Events, and comes back with the last id whenever the connection breaks. */
  async #listen(): Promise<void> {
    const { url, feed } = this.options
    const query = `subscription { change: ${feed}Changed(eventSlug: "${eventSlug}") { ${entry(feed)} } }`
    while (!this.#isOver) {
      const leaving = new AbortController()
      const watch = setInterval(() => this.#isOver && leaving.abort(), 20)
      try {
        const response = await fetch(`${url}/graphql?${new URLSearchParams({ query }).toString()}`, {
          headers: { ...this.#headers, accept: 'text/event-stream', 'last-event-id': this.#cursor! },
          signal: leaving.signal,
        })
        let text = ''
        const decoder = new TextDecoder()
        for await (const chunk of response.body!) {
          text += decoder.decode(chunk as Uint8Array, { stream: true })
          const events = text.split('\n\n')
          text = events.pop()!
          for (const event of events) this.#hear(event)
        }
      } catch {
        // The server was killed, or it is over.
      }
      clearInterval(watch)
      await sleep(50)
    }
  }

  #hear(event: string): void {
    const data = /^data: (.*)$/m.exec(event)?.[1]
    if (data === undefined) return
    const { data: told, errors } = JSON.parse(data) as { data?: { change: Entry }; errors?: unknown }
    if (errors !== undefined) this.faults.push(JSON.stringify(errors))
    if (told === undefined) return
    this.#take(told.change)
    this.#cursor = told.change.cursor
  }
}

/** Asks until there is an answer. @throws Error with the errors of one that isn't UNAVAILABLE */
async function answered<Data>(ask: () => Promise<Response>): Promise<Data> {
  for (;;) {
    try {
      const { data, errors } = (await (await ask()).json()) as {
        data?: Data
        errors?: { extensions: { code: string } }[]
      }
      if (errors === undefined) return data!
      if (errors[0]!.extensions.code !== 'UNAVAILABLE') throw new Refusal(JSON.stringify(errors))
    } catch (error) {
      if (error instanceof Refusal) throw error
    }
    await sleep(50)
  }
}

class Refusal extends Error {}
