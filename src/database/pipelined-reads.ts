import type pg from 'pg'
import { cancel, type DatabaseConnection, readTexts, wireOf } from './connection.ts'
import { databaseFaultOf } from './faults.ts'
import { Shares } from './shares.ts'
import type { TextRead, TextRow } from './text-query.ts'
import { beginWork, countBytes, currentWork, newWork, type Work, WorkTooLarge } from './work.ts'

/** How many connections there are, each of them made if it is needed. */
const lines = 3

/** How many reads may be under way on a connection, on the average. */
const depth = 16

/** How many reads one connection takes before the next one is asked. */
const together = 8

/** How often it is looked whether PostgreSQL goes on with what it was asked first, in milliseconds. */
const interval = 100

/** After how many looks without an answer a connection is given no more, and after how many it is ended. */
const [held, stuck] = [2, 10]

export interface PipelinedConnection {
  readonly client: DatabaseConnection
  /** The process of PostgreSQL. */
  readonly backend: number
}

/** What PostgreSQL is asked; answers come in the order of the questions. */
interface Reading {
  readonly work: Work | undefined
  isLeft: boolean
}

/** A connection, and what it is at. */
interface Line {
  opening: Promise<PipelinedConnection> | undefined
  connection: PipelinedConnection | undefined
  readonly underWay: Reading[]
  /** Since the last answer. */
  looks: number
  watching: NodeJS.Timeout | undefined
  isGathering: boolean
}

/**
 * Short reads over connections of their own, which are sent without waiting for the answers to those before: the process and
 * PostgreSQL wake up once for several of them. Each ends by itself, so that one that fails fails alone. If one takes long
 * after all, because something it reads is locked, its connection is ended for all that wait behind it.
 */
export class PipelinedReads {
  readonly #connect: () => Promise<PipelinedConnection>
  readonly #pool: pg.Pool
  readonly #lines: readonly Line[] = Array.from({ length: lines }, () => ({
    ...{ opening: undefined, connection: undefined, underWay: [], looks: 0, watching: undefined },
    isGathering: false,
  }))
  /** Nobody can have all of it, and hold up others by more than its half. */
  readonly #shares = new Shares({
    size: lines * depth,
    perPayer: (lines * depth) / 2,
    waitingPerPayer: 1_000,
    patience: 10_000,
  })

  /**
   * @param pool of the same database
   * @param connect makes a connection that is pipelined
   */
  constructor(pool: pg.Pool, connect: () => Promise<PipelinedConnection>) {
    this.#pool = pool
    this.#connect = connect
  }

  /**
   * @returns null if it must be read on a connection that it has to itself
   * @throws what PostgreSQL says; NoShare; WorkStopped, WorkTooLarge
   */
  async read(read: TextRead): Promise<TextRow | null> {
    const work = currentWork()
    const release = work && (await this.#shares.take(work))
    try {
      const line = this.#freest()
      return line && (await this.#readOn(line, read, work))
    } catch (error) {
      if (work?.stopped) throw work.stopped
      // Its connection was lost or ended, or the statement was, which others were at a moment before.
      const kind = databaseFaultOf(error)?.kind
      if (kind === 'unavailable' || kind === 'too slow') return null
      throw error
    } finally {
      release?.()
    }
  }

  async close(): Promise<void> {
    for (const { opening, watching } of this.#lines) {
      clearInterval(watching)
      await opening?.then(({ client }) => client.end()).catch(() => {})
    }
  }

  /** The more reads a connection is at, the fewer wake-ups each of them takes; the next one is for what would wait for long. */
  #freest(): Line | null {
    const open = this.#lines.filter(({ looks }) => looks < held)
    const fewest = (best: Line | null, each: Line) =>
      best !== null && best.underWay.length <= each.underWay.length ? best : each
    return open.find(({ underWay }) => underWay.length < together) ?? open.reduce(fewest, null)
  }

  #readOn(line: Line, read: TextRead, work: Work | undefined): Promise<TextRow> {
    const reading: Reading = { work, isLeft: false }
    line.underWay.push(reading)
    const answered = this.#ask(line, read, work).finally(() => {
      line.underWay.splice(line.underWay.indexOf(reading), 1)
      line.looks = 0
    })
    return work === undefined ? answered : untilStopped(answered, work, () => this.#leave(line, reading))
  }

  async #ask(line: Line, read: TextRead, work: Work | undefined): Promise<TextRow> {
    const { client } = line.connection ?? (await (line.opening ??= this.#open(line)))
    if (work?.stopped) throw work.stopped
    line.watching ??= setInterval(() => this.#watch(line), interval).unref()
    gather(line, client)
    return readTexts(client, read)
  }

  /** Others wait for their answers on the same connection. */
  #leave(line: Line, reading: Reading): void {
    reading.isLeft = true
    if (reading.work?.stopped instanceof WorkTooLarge) this.#end(line)
    else if (line.underWay[0] === reading && line.connection) void cancel(line.connection.client)
  }

  #watch(line: Line): void {
    const [first] = line.underWay
    if (first === undefined) {
      clearInterval(line.watching)
      line.watching = undefined
      line.looks = 0
      return
    }
    line.looks += 1
    if (line.looks >= stuck) this.#end(line)
    else if (first.isLeft && line.connection) void cancel(line.connection.client)
  }

  /** Ends a connection, and in PostgreSQL all that it was asked, which would go on there. */
  #end(line: Line): void {
    const { connection } = line
    if (connection === undefined) return
    line.connection = line.opening = undefined
    this.#pool.query('SELECT pg_terminate_backend($1)', [connection.backend]).catch(() => {})
    wireOf(connection.client).stream.destroy()
  }

  async #open(line: Line): Promise<PipelinedConnection> {
    try {
      // Work of its own: it is for others, too.
      const connection = await beginWork(newWork('pipelined'), this.#connect)
      const { client } = connection
      client.on('end', () => {
        if (line.connection === connection) line.connection = line.opening = undefined
      })
      wireOf(client).stream.on('data', ({ length }: Buffer) => {
        const work = line.underWay[0]?.work
        if (work !== undefined) countBytes(work, length)
      })
      line.connection = connection
      return connection
    } catch (error) {
      line.opening = undefined
      throw error
    }
  }
}

/** Waits for an answer as long as the work goes on. */
function untilStopped<Answer>(answered: Promise<Answer>, work: Work, leave: () => void): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      reject(work.stopped!)
      leave()
    }
    work.underWay.add(stop)
    answered.then(resolve, reject).finally(() => work.underWay.delete(stop))
  })
}

/** Sends together what is asked for in one turn of the event loop. */
function gather(line: Line, client: DatabaseConnection): void {
  if (line.isGathering) return
  line.isGathering = true
  const { stream } = wireOf(client)
  stream.cork()
  setImmediate(() => {
    line.isGathering = false
    stream.uncork()
  })
}
