import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { type Context, inSnapshot } from '../../context.ts'
import type { Database } from '../../database/client.ts'
import { notFound } from '../../errors.ts'
import { viewedClock } from '../../features/change/change.clock.ts'
import { exportProgramme } from '../../features/programme/export-programme.ts'
import { exportedSession } from '../../features/programme/exported-session.ts'
import {
  isWriteFormat,
  type WriteFormat,
  type WriteFormatName,
  writeFormats,
  type WriteOptions,
} from '../../interchange/write/formats.ts'
import { admitRequests, type Askers } from '../asking.ts'
import { registerChangesFeed } from './changes-feed.ts'
import { pointsOfExport, pointsOfSession, writtenBy } from './export-cost.ts'
import { exportRequestOf } from './export-request.ts'
import { registerPersonalCalendar } from './personal-calendar.ts'
import { answerProblem, sendProblem } from '../problem.ts'
import { sendFile } from './send-file.ts'
import { isFresh, tellHow, validatorsOf } from './validators.ts'

export interface ExportsOptions {
  readonly db: Database
  readonly clock: () => Date
  readonly log: Logger
  readonly askers: Askers
}

/**
 * `/events/SLUG/schedule.ics` and the other formats, and `/sessions/ID.ics`: what the viewer may see of a programme, at
 * addresses that stay, so that other programs can subscribe to them.
 */
export function registerExports(app: FastifyInstance, { db, clock, log, askers }: ExportsOptions): void {
  void app.register(async (scope) => {
    scope.setErrorHandler(answerProblem(log))
    admitRequests(scope, askers)
    registerPersonalCalendar(scope, { db, clock, askers })
    registerChangesFeed(scope, { db, clock, askers })
    scope.get<{ Params: { slug: string; file: string } }>('/events/:slug/:file', (request, reply) => {
      const { slug, file } = request.params
      if (!isWriteFormat(file)) return sendProblem(reply, 404, unknownFile(file))
      const fileName = `${slug}-${file}`
      return send(request, reply, { format: file, fileName, find: async () => ({ slug, sessionId: null }) })
    })
    scope.get<{ Params: { file: string } }>('/sessions/:file', (request, reply) => {
      const { file } = request.params
      if (!file.endsWith('.ics')) {
        return sendProblem(reply, 404, `There is no ${file} here: a session is exported as ID.ics.`)
      }
      const id = file.slice(0, -'.ics'.length)
      const find = (ctx: Context) => exportedSession(ctx, id)
      return send(request, reply, { format: 'schedule.ics', fileName: file, find })
    })
  })

  async function send(
    request: FastifyRequest,
    reply: FastifyReply,
    { format: name, fileName, find }: Wanted,
  ): Promise<FastifyReply> {
    const format: WriteFormat = writeFormats[name]
    request.outcome.operation = name
    void reply.header('vary', 'accept-encoding, authorization')
    if (!isAccepted(request, format)) return sendProblem(reply, 406, unacceptable(request, format))
    const asked = exportRequestOf(request.query, format)
    const base = `${request.protocol}://${request.host}`
    const address = `${base}${request.url}`
    const exported = await inSnapshot(askers.contextFor(request, db), async (ctx) => {
      const { slug, sessionId } = await find(ctx)
      const programmeNow = await viewedClock(ctx, slug)
      if (programmeNow === null) throw notFound('event', slug)
      const validators = validatorsOf(
        [programmeNow, name, address, writtenBy],
        programmeNow.committedAt,
        clock(),
      )
      if (isFresh(request.headers, validators)) return { validators, programme: null }
      const only = sessionId === null ? {} : { sessions: [sessionId] }
      const programme = await exportProgramme(ctx, slug, { ...asked.filter, ...only })
      return { validators, programme, modifiedAt: programmeNow.committedAt }
    })
    tellHow(request, reply, exported.validators)
    if (exported.programme === null) return reply.code(304).send()
    const { programme, modifiedAt } = exported
    request.outcome.cost = pointsOfExport + pointsOfSession * programme.sessions.length
    const options: WriteOptions = { base, address, language: asked.language, modifiedAt }
    const { contentType } = format
    const write = () => format.write(programme, options)
    return sendFile(request, reply, { contentType, language: asked.language, fileName, write })
  }
}

/** What is asked for: which format, what the file is called, and which event or which session of it. */
interface Wanted {
  readonly format: WriteFormatName
  readonly fileName: string
  /** @throws NOT_FOUND */
  readonly find: (ctx: Context) => Promise<{ readonly slug: string; readonly sessionId: string | null }>
}

function isAccepted(request: FastifyRequest, { contentType, alsoKnownAs }: WriteFormat): boolean {
  if (request.headers.accept === undefined) return true
  const types = [contentType.split(';')[0]!, ...alsoKnownAs]
  return request.accepts().type(types) !== false
}

function unacceptable({ headers }: FastifyRequest, { name, contentType }: WriteFormat): string {
  const type = contentType.split(';')[0]
  return `This address gives ${name}, ${type}, and your Accept header takes ${headers.accept}. Leave it out, or name ${type}.`
}

function unknownFile(file: string): string {
  return `There is no ${file} here: a programme is exported as ${Object.keys(writeFormats).join(', ')}, and its changes as changes.atom.`
}
