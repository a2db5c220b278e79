import { createInterface } from 'node:readline'

/** A request of the CLI. An answer to our own `print` has no method. */
interface Message {
  readonly id?: number | string
  readonly method?: string
  readonly params?: unknown
}

/** What is answered where a request fails: the form in which the native engine tells its errors. */
export interface RpcFault {
  readonly message: string
  readonly code: string | null
  readonly meta: unknown
}

export interface RpcOptions {
  /** Answers one request; they come one after another, as the engine can do one thing at a time. */
  readonly answer: (method: string, params: unknown) => Promise<unknown>
  readonly faultOf: (error: unknown) => RpcFault
  /** The CLI closed our standard input: there is nothing left to do. */
  readonly onEnd: () => void
}

export interface RpcConnection {
  /** Fails the request that is being worked on. False where there is none. */
  fail(error: unknown): boolean
}

/** JSON-RPC 2.0, a message a line, over standard input and output; nothing else may be written to the latter. */
export function serveJsonRpc({ answer, faultOf, onEnd }: RpcOptions): RpcConnection {
  let current: Message['id']
  let work = Promise.resolve()
  const succeed = (id: Message['id'], result: unknown) => write({ jsonrpc: '2.0', id, result: result ?? {} })
  const fail = (id: Message['id'], error: unknown) =>
    write({ jsonrpc: '2.0', id, error: rpcError(faultOf(error)) })

  const handle = async ({ id, method, params }: Message) => {
    if (method === undefined) return
    current = id
    try {
      const result = await answer(method, params)
      if (current === id) succeed(id, result)
    } catch (error) {
      if (current === id) fail(id, error)
    }
    current = undefined
  }
  const lines = createInterface({ input: process.stdin, crlfDelay: Infinity })
  lines.on('line', (line) => {
    // What the CLI writes is a request; a line that isn't JSON ends the process with its error.
    const message = JSON.parse(line) as Message
    work = work.then(() => handle(message))
  })
  lines.on('close', onEnd)
  process.stdout.on('error', onEnd)
  return {
    fail(error) {
      if (current === undefined) return false
      fail(current, error)
      current = undefined
      return true
    },
  }
}

/** Has the CLI write a text to its own standard output, as `migrate diff` needs it. The answer is of no interest. */
export function requestPrint(content: string): void {
  write({ jsonrpc: '2.0', id: `${ownPrint}${(printCount += 1)}`, method: 'print', params: { content } })
}

/** Whether a message of the CLI answers one of our own prints, which no engine knows. */
export function isOwnPrint(id: number | string | undefined): boolean {
  return String(id).startsWith(ownPrint)
}

const ownPrint = 'bridge-print-'
let printCount = 0

function write(message: object): void {
  process.stdout.write(`${JSON.stringify(message)}\n`)
}

/** The form in which the native engine tells its errors. */
export function rpcError({ message, code, meta }: RpcFault): object {
  return {
    code: 4466,
    message: 'An error happened. Check the data field for details.',
    data: { is_panic: false, message, error_code: code, meta },
  }
}
