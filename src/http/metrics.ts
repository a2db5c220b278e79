import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Completed } from './completed.ts'

/** What the server counts, in Prometheus' terms. */
export interface Metrics {
  /** Counts a request. */
  observe(completed: Completed): void
  /** Reads a value each time that somebody looks. @param name without 'open_event_' */
  gauge(name: string, help: string, read: () => number): void
  /** @param name without 'open_event_' @returns counts one more of a kind */
  counter(name: string, help: string, label: string): (kind: string) => void
  /** As `gauge`, of a number that only grows. @param name without 'open_event_' and '_total' */
  total(name: string, help: string, read: () => number): void
  /** All of it as Prometheus reads it. */
  text(): Promise<string>
  readonly contentType: string
  /** Counts what the process does, too: processor, memory, event loop, garbage collection, by prom-client. */
  watchProcess(): void
}

/** Names of operations come from clients: what comes after so many different ones is counted together. */
const operationsAtMost = 200

export function createMetrics(): Metrics {
  const register = new Registry()
  const registers = [register]
  const requests = new Counter({
    name: 'open_event_requests_total',
    help: 'Requests by operation and by how they ended: OK, an error code, or ABORTED by the client.',
    labelNames: ['operation', 'code'],
    registers,
  })
  const seconds = new Histogram({
    name: 'open_event_request_seconds',
    help: 'From the headers to the end of the answer.',
    labelNames: ['operation'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  })
  const points = new Counter({
    name: 'open_event_cost_points_total',
    help: 'What the operations may have cost at most, in points.',
    labelNames: ['operation'],
    registers,
  })
  const statements = new Counter({
    name: 'open_event_statements_total',
    help: 'SQL statements that requests sent.',
    labelNames: ['operation'],
    registers,
  })
  const labelOf = labels(operationsAtMost)
  return {
    observe: (completed) => {
      const { outcome } = completed.request
      const operation = labelOf(outcome.operation ?? completed.request.routeOptions.url ?? '(none)')
      requests.inc({ operation, code: codeOf(completed) })
      seconds.observe({ operation }, completed.milliseconds / 1_000)
      points.inc({ operation }, outcome.cost ?? 0)
      statements.inc({ operation }, outcome.statements)
    },
    gauge: (name, help, read) => {
      const gauge: Gauge = new Gauge({
        name: `open_event_${name}`,
        help,
        registers,
        collect: () => gauge.set(read()),
      })
    },
    counter: (name, help, label) => {
      const counter = new Counter({ name: `open_event_${name}`, help, labelNames: [label], registers })
      const kindOf = labels(operationsAtMost)
      return (kind) => counter.inc({ [label]: kindOf(kind) })
    },
    total: (name, help, read) => {
      const counter: Counter = new Counter({
        name: `open_event_${name}_total`,
        help,
        registers,
        collect: () => {
          counter.reset()
          counter.inc(read())
        },
      })
    },
    text: () => register.metrics(),
    contentType: register.contentType,
    watchProcess: () => collectDefaultMetrics({ register }),
  }
}

function codeOf({ request, status, isAborted }: Completed): string {
  if (isAborted) return 'ABORTED'
  return request.outcome.errors?.[0] ?? (status < 400 ? 'OK' : `HTTP_${status}`)
}

/** Lets so many different names through. */
function labels(most: number): (name: string) => string {
  const known = new Set<string>()
  return (name) => {
    if (known.size < most) known.add(name)
    return known.has(name) ? name : '(other)'
  }
}

export interface MetricsServer {
  /** 'http://127.0.0.1:9464/metrics' */
  readonly url: string
  close(): Promise<void>
}

/** `/metrics` on an address of its own, because it isn't for the public. */
export async function serveMetrics(
  metrics: Metrics,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<MetricsServer> {
  metrics.watchProcess()
  const server = http.createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end()
      return
    }
    metrics.text().then(
      (text) => response.writeHead(200, { 'content-type': metrics.contentType }).end(text),
      () => response.writeHead(500).end(),
    )
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(port, host, resolve)
  })
  const { port: listening } = server.address() as AddressInfo
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${listening}/metrics`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
