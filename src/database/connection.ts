import net from 'node:net'
import pg from 'pg'
import { isOutdated, PreparedStatements } from './prepared.ts'
import { TextQuery, type TextRead, type TextRow } from './text-query.ts'
import { countBytes, countCommit, currentWork, type Work } from './work.ts'

/** The connection was lost while a transaction was being completed: it took place, or it didn't. */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown'
}

/** How long PostgreSQL has to end a statement that it was told to end, in milliseconds; then the connection is cut. */
const patience = 1_000

/**
 * A connection that tells whether a COMMIT was refused or was lost on its way, and ends with the work that it is for.
 * Statements that have a name are prepared if they come often, under names of the connection's own. One that is pipelined
 * is several requests' at a time, and ends with none of them.
 */
export class DatabaseConnection extends pg.Client {
  readonly #prepared = new PreparedStatements()

  constructor(config?: string | pg.ClientConfig) {
    super(config)
    // What breaks is told by the statement that meets it; without a listener the process would end.
    this.on('error', () => {})
  }

  // oxlint-disable-next-line typescript/no-explicit-any -- one implementation of pg's overloads, which hold outside
  override query(...statement: any): any {
    const last: unknown = statement.at(-1)
    if (typeof last !== 'function') return this.#run(statement)
    // The pool's way to ask.
    this.#run(statement.slice(0, -1)).then(
      (result) => last(undefined, result),
      (error: unknown) => last(error),
    )
  }

  /** @param statement a text or a config first, as pg's overloads say */
  async #run(statement: unknown[]): Promise<unknown> {
    const [first] = statement as [string | pg.QueryConfig]
    const text = typeof first === 'string' ? first : first.text
    const work = endings.has(text) || this.pipeline ? undefined : currentWork()
    if (work?.stopped) throw work.stopped
    const stoppable = work && this.#stopWith(work)
    try {
      const result = await this.#send(statement)
      // What was read before it could be stopped is as much too much.
      if (work?.stopped && !work.changes) throw work.stopped
      if (text === 'COMMIT') countCommit()
      return result
    } catch (error) {
      if (work?.stopped) throw work.stopped
      if (text !== 'COMMIT' || !endsSession(error)) throw error
      throw new OutcomeUnknown('The connection was lost in COMMIT.', { cause: error })
    } finally {
      await stoppable?.over()
    }
  }

  async #send(statement: unknown[]): Promise<unknown> {
    const [first] = statement as [string | pg.QueryConfig]
    const ended = currentWork()?.trace?.statement(typeof first === 'string' ? first : first.text)
    try {
      const result = await this.#sendPrepared(statement)
      ended?.()
      return result
    } catch (error) {
      ended?.(error)
      throw error
    }
  }

  async #sendPrepared(statement: unknown[]): Promise<unknown> {
    const [first] = statement as [string | pg.QueryConfig | TextRead]
    if (isTextRead(first)) return this.#sendNamed(first.text, (name) => this.#readTexts(first, name))
    if (typeof first === 'string' || first.name === undefined || !isPlanned.test(first.text)) {
      const unprepared = typeof first === 'string' ? first : { ...first, name: undefined }
      return super.query(unprepared as string, ...(statement.slice(1) as []))
    }
    const { name: _, ...unnamed } = first
    return this.#sendNamed(first.text, (name) =>
      super.query(name === undefined ? unnamed : { ...unnamed, name }),
    )
  }

  /** Sends a statement under the name that it is prepared by, if it is. */
  async #sendNamed(text: string, send: (name?: string) => Promise<unknown>): Promise<unknown> {
    const name = this.#prepared.nameOf(text, (outgoing) => this.#deallocate(outgoing))
    try {
      return await send(name)
    } catch (error) {
      if (name === undefined || !isOutdated(error)) throw error
      this.#prepared.forget(text)
      this.#deallocate(name)
      if (this.getTransactionStatus() !== 'I') throw error
      return send()
    }
  }

  #readTexts(read: TextRead, name = ''): Promise<TextRow> {
    return new Promise((resolve, reject) => {
      super.query(new TextQuery(read, name, (error, row) => (error ? reject(error) : resolve(row!))))
    })
  }

  /** Sent before whatever comes next. In a transaction that has failed it fails as well, and the statement stays. */
  #deallocate(name: string): void {
    super.query(`DEALLOCATE ${name}`).catch(() => {})
  }

  /** Has PostgreSQL end what this connection is at if the work is stopped. */
  #stopWith(work: Work): { over(): Promise<void> } {
    let cancelling: Promise<void> | undefined
    let cut: NodeJS.Timeout | undefined
    const stop = () => {
      cut = setTimeout(() => wireOf(this).stream.destroy(), patience)
      cancelling = cancel(this)
    }
    const { stream } = wireOf(this)
    const count = (chunk: Buffer) => countBytes(work, chunk.length)
    work.underWay.add(stop)
    stream.on('data', count)
    return {
      over: async () => {
        work.underWay.delete(stop)
        stream.off('data', count)
        clearTimeout(cut)
        // Before that, it could end the next statement of this connection, which is somebody else's.
        await cancelling
      },
    }
  }
}

function isTextRead(statement: string | pg.QueryConfig | TextRead): statement is TextRead {
  return typeof statement === 'object' && 'readsTexts' in statement
}

/** @param client one of ours, which know of this kind of statement */
export function readTexts(client: pg.ClientBase, read: TextRead): Promise<TextRow> {
  return client.query(read as never) as unknown as Promise<TextRow>
}

/** What PostgreSQL plans each time unless it is prepared, which takes longer than most reads of one row. */
const isPlanned = /^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b/

/** What completes a transaction is never stopped: it has been decided. */
const endings: ReadonlySet<string> = new Set(['COMMIT', 'ROLLBACK'])

/** What pg knows of its own connection and its types don't list. */
interface Wire {
  readonly processID: number
  readonly secretKey: number
  readonly host: string
  readonly port: number
  readonly connection: NodeJS.EventEmitter & { readonly stream: net.Socket }
}

/** pg's own state, which its types keep to themselves. */
export function wireOf(client: pg.ClientBase): Wire['connection'] {
  return (client as unknown as Wire).connection
}

/**
 * Asks PostgreSQL, on a connection of its own as the protocol wants it, to end the client's statement. Returns once it
 * was told, or can't be: the statement then goes on until it times out or is cut off.
 */
export function cancel(client: pg.Client): Promise<void> {
  const { processID, secretKey, host, port } = client as unknown as Wire
  const request = Buffer.alloc(16)
  request.writeInt32BE(16, 0)
  request.writeInt32BE(80_877_102, 4)
  request.writeInt32BE(processID, 8)
  request.writeInt32BE(secretKey, 12)
  return new Promise((resolve) => {
    const socket = host.startsWith('/') ? net.connect(`${host}/.s.PGSQL.${port}`) : net.connect(port, host)
    socket.setTimeout(patience, () => socket.destroy())
    socket.on('error', () => {}).once('close', () => resolve())
    // It answers nothing and hangs up.
    socket.resume().end(request)
  })
}

/** Whether the connection is gone with it: PostgreSQL says FATAL before it hangs up, and a break isn't its error at all. */
export function endsSession(error: unknown): boolean {
  return !(error instanceof pg.DatabaseError) || error.severity === 'FATAL' || error.severity === 'PANIC'
}
