import { type DatabaseConnection, readTexts, wireOf } from './connection.ts'
import { Shares } from './shares.ts'
import type { TextRead, TextRow } from './text-query.ts'
import { countBytes, currentWork, type Work } from './work.ts'

/** How many connections there are, each of them made if it is needed. */
const lines = 3

/** How many reads may be under way on a connection, on the average. */
const depth = 16

/** How many reads one connection takes before the next one is asked. */
const together = 8

/** A connection, and whose reads it is at: answers come in the order of the questions. */
interface Line {
  connection: Promise<DatabaseConnection> | undefined
  readonly underWay: (Work | undefined)[]
  isGathering: boolean
}

/**
 * Short reads over connections of their own, which are sent without waiting for the answers to those before: the process and
 * PostgreSQL wake up once for several of them. Each ends by itself, so that one that fails fails alone.
 */
export class PipelinedReads {
  readonly #connect: () => Promise<DatabaseConnection>
  readonly #lines: readonly Line[] = Array.from({ length: lines }, () => ({
    connection: undefined,
    underWay: [],
    isGathering: false,
  }))
  /** Nobody can have all of it, and hold up others by more than its half. */
  readonly #shares = new Shares({
    size: lines * depth,
    perPayer: (lines * depth) / 2,
    waitingPerPayer: 1_000,
    patience: 10_000,
  })

  /** @param connect makes a connection that is pipelined */
  constructor(connect: () => Promise<DatabaseConnection>) {
    this.#connect = connect
  }

  /** @throws what PostgreSQL and the network say; NoShare; WorkStopped, WorkTooLarge */
  async read(read: TextRead): Promise<TextRow> {
    const work = currentWork()
    const release = work && (await this.#shares.take(work))
    const line = this.#freest()
    line.underWay.push(work)
    try {
      const connection = await (line.connection ??= this.#open(line))
      gather(line, connection)
      return await readTexts(connection, read)
    } finally {
      line.underWay.splice(line.underWay.indexOf(work), 1)
      release?.()
    }
  }

  /** The more reads a connection is at, the fewer wake-ups each of them takes; the next one is for what would wait for long. */
  #freest(): Line {
    const fewest = (best: Line, each: Line) => (each.underWay.length < best.underWay.length ? each : best)
    return this.#lines.find(({ underWay }) => underWay.length < together) ?? this.#lines.reduce(fewest)
  }

  async close(): Promise<void> {
    for (const { connection } of this.#lines) await connection?.then((each) => each.end()).catch(() => {})
  }

  #open(line: Line): Promise<DatabaseConnection> {
    const opened = this.#connect()
    const leave = () => {
      if (line.connection === opened) line.connection = undefined
    }
    opened.then((connection) => {
      connection.on('end', leave)
      wireOf(connection).stream.on('data', ({ length }: Buffer) => {
        const [first] = line.underWay
        if (first !== undefined) countBytes(first, length)
      })
    }, leave)
    return opened
  }
}

/** Sends together what is asked for in one turn of the event loop. */
function gather(line: Line, connection: DatabaseConnection): void {
  if (line.isGathering) return
  line.isGathering = true
  const { stream } = wireOf(connection)
  stream.cork()
  setImmediate(() => {
    line.isGathering = false
    stream.uncork()
  })
}
