import { Readable, Transform } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import type { Database } from '../../database/client.ts'
import { NoShare, type Release, Shares } from '../../database/shares.ts'
import type { Work } from '../../database/work.ts'
import { ApiError, rateLimited } from '../../errors.ts'
import { importProgramme } from '../../features/programme/import-programme.ts'
import { requireImportInto } from '../../features/programme/import-rights.ts'
import type { Counts } from '../../features/programme/report.ts'
import { readProgrammeApart } from '../../interchange/read/read-apart.ts'
import { admitRequests, type Askers } from '../asking.ts'
import type { HttpLimits } from '../http-limits.ts'
import { answerProblem, sendProblem } from '../problem.ts'
import { asParameters, importOptionsOf } from './import-request.ts'

export interface ImportsOptions {
  readonly db: Database
  readonly log: Logger
  readonly askers: Askers
  readonly limits: HttpLimits
}

/** In bytes: what one address may have under way (`http-limits.ts`). Larger programmes are imported by the command. */
const longest = 4 * 1_048_576

/** What programmes are sent as; what they are is told by looking. */
const contentTypes = [
  'application/xml',
  'text/xml',
  'application/json',
  'text/calendar',
  'application/zip',
  'application/octet-stream',
]

/**
 * `POST /events/SLUG/import`: merges the programme that is the body into an event that exists, as the command does, with the
 * rights of whoever asks. Answers with the report.
 */
export function registerImports(app: FastifyInstance, { db, log, askers, limits }: ImportsOptions): void {
  const turns = new Shares({ size: 2, perPayer: 1, waitingPerPayer: 2, patience: 60_000 })
  const reading = { milliseconds: limits.readingTimeout, megabytes: 256, parts: 10_000 }
  void app.register(async (scope) => {
    const answerOther = answerProblem(log)
    scope.setErrorHandler((error: FastifyError, request, reply) => {
      const { statusCode = 500, message } = error
      if (statusCode >= 500) return answerOther(error, request, reply)
      request.outcome.errors = ['BAD_REQUEST']
      return sendProblem(reply, statusCode, message, { code: 'BAD_REQUEST' })
    })
    admitRequests(scope, askers)
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(contentTypes, (_request, body, done) => done(null, body))
    scope.addContentTypeParser('*', (request, body, done) => {
      body.resume()
      done(unsupported(request))
    })
    // Otherwise it would be a file of the event that there isn't.
    scope.get('/events/:slug/import', (_request, reply) => {
      void reply.header('allow', 'POST')
      return sendProblem(reply, 405, 'This address takes a programme by POST; it gives none.')
    })
    const config = { workTimeout: 300_000 }
    scope.post<{ Params: { slug: string } }>('/events/:slug/import', { config }, async (request, reply) => {
      // Nobody sends a body that isn't taken, so it is read to its end: the client comes to read why.
      const body = request.body instanceof Readable ? request.body : Readable.from([])
      try {
        return await answer(request, reply, body)
      } finally {
        body.resume()
      }
    })
  })

  async function answer(
    request: FastifyRequest<{ Params: { slug: string } }>,
    reply: FastifyReply,
    body: Readable,
  ): Promise<FastifyReply> {
    const { slug } = request.params
    Object.assign(request.outcome, { operation: 'import', changes: true })
    const ctx = askers.contextFor(request, db)
    await requireImportInto(ctx, slug)
    const options = importOptionsOf(request.query)
    if (Number(request.headers['content-length'] ?? 0) > longest) throw tooLong()
    let leave: Release = () => {}
    try {
      const bytes = await pipeline(body, bounded(), buffer).catch((error: unknown) => {
        throw request.raw.destroyed ? refusal('The body broke off.', 400) : error
      })
      leave = await turnOf(request.outcome, turns)
      const programme = await readProgrammeApart({ name: 'body', bytes }, reading)
      const report = await importProgramme(ctx, programme, { ...options, slug })
      request.outcome.cost = pointsOfImport + pointsOfSession * sessionsIn(report.counts.sessions)
      void reply.header('cache-control', 'no-store').type('application/json; charset=utf-8')
      return reply.send(JSON.stringify(report))
    } catch (error) {
      if (!(error instanceof ApiError && error.code === 'BAD_USER_INPUT')) throw error
      request.outcome.errors = [error.code]
      return sendProblem(reply, 422, asParameters(error.message), { code: error.code, ...issuesOf(error) })
    } finally {
      leave()
    }
  }
}

/** @throws RATE_LIMITED if several imports of the payer wait; NoShare after a minute; WorkStopped */
async function turnOf(work: Work, turns: Shares): Promise<Release> {
  try {
    return await turns.take(work)
  } catch (error) {
    if (!(error instanceof NoShare && error.why === 'too many')) throw error
    throw rateLimited('One import of yours runs, and two wait', 30)
  }
}

/** In points, which are about microseconds of the server's time. */
const pointsOfImport = 50_000
const pointsOfSession = 2_000

function sessionsIn({ created, changed, unchanged }: Counts): number {
  return created + changed + unchanged
}

/** Passes on what comes, until it is too much. */
function bounded(): Transform {
  let bytes = 0
  return new Transform({
    transform(chunk: Buffer, _encoding, pass) {
      bytes += chunk.length
      pass(bytes > longest ? tooLong() : null, chunk)
    },
  })
}

function issuesOf({ details }: ApiError): object {
  const issues = (details['issues'] ?? []) as readonly { readonly message: string }[]
  return { issues: issues.map((issue) => ({ ...issue, message: asParameters(issue.message) })) }
}

function tooLong(): Error {
  const message = `A programme may have ${longest.toLocaleString('en')} bytes at most here. Import a larger one by the command, "npm run import".`
  return refusal(message, 413)
}

function unsupported({ headers }: FastifyRequest): Error {
  const given = headers['content-type'] === undefined ? 'nothing' : JSON.stringify(headers['content-type'])
  const message = `A programme is sent as it is, as ${contentTypes.join(', ')}; Content-Type says ${given}.`
  return refusal(message, 415)
}

function refusal(message: string, statusCode: number): Error {
  return Object.assign(new Error(message), { statusCode })
}
