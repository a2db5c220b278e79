import type * as Api from '@opentelemetry/api'
import type { Trace, TracedRequest, Tracing } from './trace.ts'

/**
 * Sends traces to where the OTEL_ variables of the environment say. What OpenTelemetry consists of is loaded here and
 * nowhere else, because few want it.
 */
export async function startTracing(): Promise<Tracing> {
  const [api, { W3CTraceContextPropagator }, resources, sdk, { OTLPTraceExporter }] = await Promise.all([
    import('@opentelemetry/api'),
    import('@opentelemetry/core'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/exporter-trace-otlp-http'),
  ])
  const { resourceFromAttributes, defaultResource, detectResources, envDetector } = resources
  const provider = new sdk.NodeTracerProvider({
    resource: defaultResource()
      .merge(resourceFromAttributes({ 'service.name': 'open-event-graphql' }))
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new sdk.BatchSpanProcessor(new OTLPTraceExporter())],
  })
  const tracer = provider.getTracer('open-event-graphql')
  const propagator = new W3CTraceContextPropagator()
  return {
    begin: (request) => {
      const from = propagator.extract(api.ROOT_CONTEXT, request.headers, api.defaultTextMapGetter)
      return traceOf(request, { api, tracer, from })
    },
    stop: () => provider.shutdown(),
  }
}

interface Tracer {
  readonly api: typeof Api
  readonly tracer: Api.Tracer
  readonly from: Api.Context
}

/** Attributes are named by OpenTelemetry's semantic conventions. */
function traceOf({ method, route }: TracedRequest, { api, tracer, from }: Tracer): Trace {
  const { SpanKind, SpanStatusCode } = api
  const fail = (span: Api.Span, message: string) => span.setStatus({ code: SpanStatusCode.ERROR, message })
  const request = tracer.startSpan(
    `${method} ${route}`,
    { kind: SpanKind.SERVER, attributes: { 'http.request.method': method, 'http.route': route } },
    from,
  )
  let within = api.trace.setSpan(from, request)
  return {
    operation: (name) => {
      const span = tracer.startSpan(name, { attributes: operationOf(name) }, within)
      const around = within
      within = api.trace.setSpan(within, span)
      return (errors) => {
        within = around
        if (errors.length > 0) fail(span, errors.join(', '))
        span.end()
      }
    },
    statement: (text) => {
      const attributes = { 'db.system.name': 'postgresql', 'db.query.text': text }
      const span = tracer.startSpan(nameOfStatement(text), { kind: SpanKind.CLIENT, attributes }, within)
      return (error) => {
        if (error !== undefined) fail(span, codeOf(error))
        span.end()
      }
    },
    end: (status, operation) => {
      request.setAttribute('http.response.status_code', status)
      if (operation !== undefined) request.setAttributes(operationOf(operation))
      if (status >= 500) fail(request, `${status}`)
      request.end()
    },
  }
}

/** @param operation 'query Schedule' */
function operationOf(operation: string): Api.Attributes {
  const [type, name] = operation.split(' ')
  return { 'graphql.operation.type': type!, 'graphql.operation.name': name! }
}

/** 'SELECT sessions': its verb, and the first table that it names. */
function nameOfStatement(text: string): string {
  const verb = /^\s*(\w+)/.exec(text)?.[1]?.toUpperCase() ?? 'SQL'
  const table = /\b(?:FROM|INTO|UPDATE)\s+(?:"?\w+"?\.)?"?(\w+)"?/i.exec(text)?.[1]
  return table === undefined ? verb : `${verb} ${table}`
}

/** PostgreSQL's code, or what kind of error it is. */
function codeOf(error: unknown): string {
  const { code, name } = error as { readonly code?: unknown; readonly name?: string }
  return typeof code === 'string' ? code : (name ?? 'Error')
}
