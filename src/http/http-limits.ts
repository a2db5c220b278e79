/** What the server lets its clients do before anything of GraphQL is looked at. Times are in milliseconds. */
export interface HttpLimits {
  /** How many connections there may be in all. */
  readonly connections: number
  /** From one address; those of a trusted proxy count in all only. */
  readonly connectionsPerAddress: number
  /** That the kernel holds until the server takes them up, where the kernel's own bound (net.core.somaxconn) isn't lower. */
  readonly waitingConnections: number
  readonly requestsPerConnection: number
  /** From the connection, or the first byte after the last request, to the end of the headers. */
  readonly headersTimeout: number
  /** To the end of the body: a body of 1 MiB needs 35 kB a second. */
  readonly requestTimeout: number
  /** How often the two are looked at. */
  readonly checkingInterval: number
  /** For what the database does for a request. */
  readonly workTimeout: number
  /** To read a programme that was sent, before anything of it is imported. */
  readonly readingTimeout: number
  /** For a client to take the whole answer. */
  readonly answerTimeout: number
  /** For the next request on a connection. */
  readonly idleTimeout: number
  /** Instead, behind proxies: these must be the ones who close, or they send a request into a closed connection. */
  readonly idleTimeoutOfProxies: number
  /** Bytes of bodies that are held at one time. */
  readonly bodyBytes: number
  /** Of requests from one address. */
  readonly bodyBytesPerAddress: number
}

export const defaultHttpLimits: HttpLimits = {
  connections: 2_000,
  connectionsPerAddress: 500,
  // Node's own 511 are less than what comes back within a second when a server that many follow was away.
  waitingConnections: 4_096,
  requestsPerConnection: 1_000,
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  checkingInterval: 1_000,
  workTimeout: 25_000,
  readingTimeout: 30_000,
  answerTimeout: 60_000,
  idleTimeout: 10_000,
  idleTimeoutOfProxies: 75_000,
  bodyBytes: 16 * 1_048_576,
  bodyBytesPerAddress: 4 * 1_048_576,
}
