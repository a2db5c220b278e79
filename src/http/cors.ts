import cors from '@fastify/cors'
import type { FastifyInstance } from 'fastify'

const exposed = [
  ...['x-request-id', 'idempotency-replayed', 'retry-after', 'ratelimit', 'ratelimit-policy', 'etag'],
  ...['last-modified', 'content-disposition', 'www-authenticate'],
]

/** What each answer tells browsers. */
export const corsHeaders: readonly (readonly [string, string])[] = [
  ['access-control-allow-origin', '*'],
  ['access-control-expose-headers', exposed.join(', ')],
]

/** Event web apps run on other origins; no cookie lets anybody in, so every origin may read what it is given. */
export async function registerCors(app: FastifyInstance): Promise<void> {
  await app.register(cors, {
    origin: '*',
    methods: ['GET', 'HEAD', 'POST', 'QUERY'],
    exposedHeaders: exposed,
    maxAge: 86_400,
    // OPTIONS may be asked by others than browsers, too.
    strictPreflight: false,
  })
}
