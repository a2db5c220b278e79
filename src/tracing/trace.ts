import type { IncomingHttpHeaders } from 'node:http'

/** What traces requests: of each there are spans of the request, its operation and its SQL statements. */
export interface Tracing {
  /** Begins the span of a request, within the trace that its `traceparent` header names, if there is one. */
  begin(request: TracedRequest): Trace
  /** Sends what wasn't sent yet. */
  stop(): Promise<void>
}

export interface TracedRequest {
  readonly method: string
  /** '/graphql': the route, not the address, in which there may be values. */
  readonly route: string
  readonly headers: IncomingHttpHeaders
}

/** The spans of one request. What ends with an error says its code, never its message, which may hold values. */
export interface Trace {
  /**
   * Begins the span of its GraphQL operation; statements that begin later are within it.
   *
   * @param name as the document says it: 'query Schedule'
   * @returns ends it, with the codes of the answer's errors
   */
  operation(name: string): (errors: readonly string[]) => void
  /**
   * Begins the span of an SQL statement.
   *
   * @param text with places for its values, which are never told
   * @returns ends it, with what it failed with
   */
  statement(text: string): (error?: unknown) => void
  /** @param operation as above, also if it was answered without being executed */
  end(status: number, operation: string | undefined): void
}
