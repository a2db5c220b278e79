import type { FastifyInstance, FastifyRequest } from 'fastify'

/** In bytes: room for the longest texts that anything may have. */
export const bodyLimit = 1_048_576

/**
 * JSON as RFC 8259 has it: UTF-8 only. Fastify would replace bytes that are no UTF-8, and what is stored would be
 * something else than what was sent. A key that is there twice counts as it stands last, as everywhere in JavaScript;
 * `__proto__` and `constructor.prototype` are refused.
 */
export function registerJsonBody(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser('text/plain')
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const fault = faultOfHeaders(request)
    if (fault !== null) return done(refusal(fault, 415))
    const text = textOf(body)
    if (text === null) return done(refusal('The body holds bytes that are no UTF-8.', 400))
    // Fastify's own parser calls back, whatever its types say it returns.
    void parse(request, text, done)
  })
}

function faultOfHeaders({ headers }: FastifyRequest): string | null {
  const [, charset = 'utf-8'] = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(headers['content-type'] ?? '') ?? []
  if (!/^utf-?8$/i.test(charset)) return `JSON is sent in UTF-8, not in ${charset}.`
  const encoding = headers['content-encoding'] ?? 'identity'
  return encoding === 'identity' ? null : `A body is sent as it is, not as ${encoding}.`
}

function textOf(body: string | Buffer): string | null {
  try {
    return typeof body === 'string' ? body : new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    return null
  }
}

function refusal(message: string, statusCode: number): Error {
  return Object.assign(new Error(message), { statusCode })
}
