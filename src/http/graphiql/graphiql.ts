import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import accepts from '@fastify/accepts'
import files from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { programFolder } from '../../config.ts'

/** Where `npm run generate` puts the page, bundled from npm's GraphiQL. */
const bundle = path.join(programFolder, 'generated', 'graphiql')

/** Only this server: a page that takes tokens loads nothing from anybody else. Monaco makes its styles as it goes. */
const policy = [
  "default-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self' data:",
  "worker-src 'self' blob:",
  "frame-ancestors 'none'",
  "base-uri 'none'",
].join('; ')

/**
 * The page's scripts and styles; their names carry their hash, so a browser keeps them for good. They lie there compressed
 * already: register them before what compresses answers.
 */
export async function registerGraphiqlFiles(app: FastifyInstance): Promise<void> {
  await app.register(accepts)
  if (!existsSync(bundle)) return
  await app.register(files, {
    root: path.join(bundle, 'assets'),
    prefix: '/graphql/assets/',
    immutable: true,
    maxAge: '1y',
    decorateReply: false,
    preCompressed: true,
    setHeaders: (response) => void response.setHeader('vary', 'accept-encoding'),
  })
}

/** Whether a browser is navigating here: HTML is preferred to every form in which GraphQL answers. */
export function wantsPage(request: FastifyRequest): boolean {
  return (
    request.accepts().type(['application/json', 'application/graphql-response+json', 'text/html']) ===
    'text/html'
  )
}

export function sendPage(reply: FastifyReply): FastifyReply {
  const page = path.join(bundle, 'index.html')
  const html = existsSync(page) ? readFileSync(page, 'utf8') : notBuilt
  return reply
    .header('content-security-policy', policy)
    .header('cache-control', 'no-cache')
    .header('vary', 'accept')
    .type('text/html; charset=utf-8')
    .send(html)
}

const notBuilt = `<!doctype html><title>Open Event GraphQL</title>
<p>The API is here, but the page to try it isn't built yet: run <code>npm run generate</code> and start again.</p>
`
