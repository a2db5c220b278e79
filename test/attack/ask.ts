import http from 'node:http'

/** What one request came to. */
export interface Answered {
  /** 0: there was none. */
  readonly status: number
  readonly milliseconds: number
  readonly body: string
}

export interface Request {
  readonly port: number
  readonly path?: string
  /** Which of the loopback addresses it comes from: the server takes each for somebody else. */
  readonly from?: string
  readonly query?: string | undefined
  readonly variables?: object
  readonly headers?: Readonly<Record<string, string>>
  readonly agent?: http.Agent
}

/** Sends one request and takes the whole answer; never throws. */
export function ask(wanted: Request): Promise<Answered> {
  const { port, path = '/graphql', from = '127.0.0.1', query, variables = {}, headers = {}, agent } = wanted
  const began = performance.now()
  const elapsed = () => performance.now() - began
  return new Promise((resolve) => {
    const none = () => resolve({ status: 0, milliseconds: elapsed(), body: '' })
    const options = { host: '127.0.0.1', port, path, localAddress: from, ...(agent ? { agent } : {}) }
    const request = http.request(
      query === undefined
        ? options
        : { ...options, method: 'POST', headers: { 'content-type': 'application/json', ...headers } },
      (response) => {
        let body = ''
        response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
        response.on('end', () => resolve({ status: response.statusCode!, milliseconds: elapsed(), body }))
        response.on('error', none)
      },
    )
    request.on('error', none)
    request.end(query === undefined ? undefined : JSON.stringify({ query, variables }))
  })
}

/** What is asked again and again, the same each time or another. */
type Asked = Omit<Request, 'query'> & { readonly query?: string | (() => string) }

/** Asks again and again, each time as soon as it was answered, until it is told to stop. */
export function keepAsking(wanted: Asked, pause = 0): { stop(): Promise<Answered[]> } {
  let isOver = false
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 })
  const answers: Answered[] = []
  const asking = (async () => {
    while (!isOver) {
      const { query } = wanted
      answers.push(await ask({ ...wanted, query: typeof query === 'function' ? query() : query, agent }))
      if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause))
    }
  })()
  return {
    stop: async () => {
      isOver = true
      await asking
      agent.destroy()
      return answers
    },
  }
}

/** The value that this part of all is not above. @param part 0.5: the median */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN
}
