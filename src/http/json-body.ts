import type { FastifyInstance, FastifyRequest } from 'fastify'

/** In bytes: room for the longest texts that anything may have. */
export const bodyLimit = 1_048_576

/** A megabyte of empty lists would take tens of megabytes once it is parsed. No request that is served comes near. */
const valuesAtMost = 50_000

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
    if (Buffer.isBuffer(body) && hasTooManyValues(body))
      return done(refusal(`A request may have ${valuesAtMost.toLocaleString('en')} values at most.`, 400))
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

/** Counts what begins or parts values, outside of texts. */
function hasTooManyValues(json: Buffer): boolean {
  if (json.length <= valuesAtMost) return false
  let [values, inText] = [0, false]
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at]
    if (byte === code.quote) inText = !inText
    else if (inText && byte === code.backslash) at += 1
    else if (!inText && (byte === code.comma || byte === code.list || byte === code.object)) values += 1
  }
  return values > valuesAtMost
}

const code = { quote: 0x22, comma: 0x2c, list: 0x5b, backslash: 0x5c, object: 0x7b }

const utf8 = new TextDecoder('utf-8', { fatal: true })

function textOf(body: string | Buffer): string | null {
  try {
    return typeof body === 'string' ? body : utf8.decode(body)
  } catch {
    return null
  }
}

function refusal(message: string, statusCode: number): Error {
  return Object.assign(new Error(message), { statusCode })
}
