import http from 'node:http'
import { buffer } from 'node:stream/consumers'

export interface RawAnswer {
  readonly status: number
  readonly headers: http.IncomingHttpHeaders
  /** As it came over the wire: still compressed. */
  readonly body: Buffer
}

export interface RawRequest {
  readonly method?: string
  readonly headers?: http.OutgoingHttpHeaders
  readonly body?: string | Buffer
  readonly agent?: http.Agent
}

/** A request whose answer nobody has decoded, and whose headers are exactly those given. */
export function rawRequest(
  url: string,
  { method = 'GET', headers = {}, body, agent }: RawRequest = {},
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, headers, agent: agent ?? false }, (response) => {
      buffer(response).then(
        (bytes) => resolve({ status: response.statusCode!, headers: response.headers, body: bytes }),
        reject,
      )
    })
    request.on('error', reject)
    request.end(body)
  })
}

/** POSTs one operation to a server's /graphql. */
export function rawGraphql(
  url: string,
  operation: { query: string; variables?: object },
  headers: http.OutgoingHttpHeaders = {},
): Promise<RawAnswer> {
  const sent = { 'content-type': 'application/json', ...headers }
  return rawRequest(`${url}/graphql`, { method: 'POST', headers: sent, body: JSON.stringify(operation) })
}
