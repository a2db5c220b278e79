import type { FastifyInstance } from 'fastify'
import { inSnapshot } from '../../context.ts'
import { notFound } from '../../errors.ts'
import { viewedClock } from '../../features/change/change.clock.ts'
import { favoriteIds } from '../../features/favorite/favorite.list.ts'
import { calendarOwner } from '../../features/favorite/favorite.ts'
import { exportProgramme } from '../../features/programme/export-programme.ts'
import { writeFormats } from '../../interchange/write/formats.ts'
import { pointsOfExport, pointsOfSession, writtenBy } from './export-cost.ts'
import { exportRequestOf } from './export-request.ts'
import type { ExportsOptions } from './exports.ts'
import { sendProblem } from '../problem.ts'
import { sendFile } from './send-file.ts'
import { isFresh, validatorsOf } from './validators.ts'

/**
 * `/calendars/SECRET.ics`: the favorites of somebody at an event, by an address that needs no sign-in. It shows what its
 * owner may see at the time, is held to the owner's budget, and is kept by nobody else.
 */
export function registerPersonalCalendar(
  scope: FastifyInstance,
  { db, clock, askers }: Omit<ExportsOptions, 'log'>,
): void {
  const format = writeFormats['schedule.ics']
  scope.get<{ Params: { file: string } }>('/calendars/:file', async (request, reply) => {
    const { file } = request.params
    request.outcome.operation = 'personal calendar'
    void reply.header('vary', 'accept-encoding').header('cache-control', 'private, no-cache')
    const owner = file.endsWith('.ics') ? await calendarOwner(db, file.slice(0, -'.ics'.length)) : null
    if (owner === null) {
      await askers.rates.noteUnknownToken(request)
      return sendProblem(
        reply,
        404,
        'There is no such calendar. Make a new address by createPersonalCalendar.',
      )
    }
    if (owner === 'revoked') {
      return sendProblem(reply, 410, 'This address was revoked by its owner. Remove it from your calendars.')
    }
    await askers.admit(request, owner.viewer)
    const asked = exportRequestOf(request.query, format)
    const base = `${request.protocol}://${request.host}`
    const { slug } = owner
    const exported = await inSnapshot(askers.contextFor(request, db), async (ctx) => {
      const stands = await viewedClock(ctx, slug)
      if (stands === null) throw notFound('event', slug)
      const sessions = await favoriteIds(ctx, owner.userId, slug)
      const parts = ['personal calendar', stands, sessions, base, request.query, writtenBy]
      const validators = validatorsOf(parts, null, clock())
      if (isFresh(request.headers, validators)) return { validators, programme: null }
      const programme = await exportProgramme(ctx, slug, { ...asked.filter, sessions })
      return { validators, programme, modifiedAt: stands.committedAt }
    })
    void reply.header('etag', exported.validators.etag)
    if (exported.programme === null) return reply.code(304).send()
    const { programme, modifiedAt } = exported
    request.outcome.cost = pointsOfExport + pointsOfSession * programme.sessions.length
    // Where it says that it comes from is public: the calendar may be passed on, its address shouldn't.
    const address = `${base}/events/${slug}/schedule.ics`
    const { language } = asked
    return sendFile(request, reply, {
      ...{ contentType: format.contentType, language, fileName: `${slug}-favorites.ics` },
      write: () => format.write(programme, { base, address, language, modifiedAt }),
    })
  })
}
