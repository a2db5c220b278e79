import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { inSnapshot } from '../../context.ts'
import { badUserInput, notFound } from '../../errors.ts'
import { viewedClock } from '../../features/change/change.clock.ts'
import { type CommitNews, type RecentNews, recentNews } from '../../features/change/news.recent.ts'
import {
  manyOf,
  type NewsLanguage,
  roomSentence,
  sentenceOf,
  titleOfNews,
} from '../../features/change/news.words.ts'
import { type AtomEntry, type AtomFeed, atomXml } from '../../interchange/write/atom.ts'
import { languageFor } from '../../interchange/write/words.ts'
import { faultOfLang } from './export-request.ts'
import type { ExportsOptions } from './exports.ts'
import { sendFile } from './send-file.ts'
import { isFresh, tellHow, validatorsOf } from './validators.ts'

/** `/events/SLUG/changes.atom`: what is news in a programme, for people's feed readers. */
export function registerChangesFeed(
  scope: FastifyInstance,
  { db, clock, askers }: Omit<ExportsOptions, 'log'>,
): void {
  scope.get<{ Params: { slug: string } }>('/events/:slug/changes.atom', async (request, reply) => {
    const { slug } = request.params
    request.outcome.operation = 'changes.atom'
    void reply.header('vary', 'accept-encoding, authorization')
    const language = languageOf(request)
    const base = `${request.protocol}://${request.host}`
    const address = `${base}${request.url}`
    const told = await inSnapshot(askers.contextFor(request, db), async (ctx) => {
      const stands = await viewedClock(ctx, slug)
      if (stands === null) throw notFound('event', slug)
      const parts = ['changes.atom', stands, address, process.versions.tz]
      const validators = validatorsOf(parts, stands.committedAt, clock())
      return { validators, news: isFresh(request.headers, validators) ? null : await recentNews(ctx, slug) }
    })
    tellHow(request, reply, told.validators)
    const { news } = told
    if (news === null) return reply.code(304).send()
    request.outcome.cost = pointsOfFeed
    return sendFile(request, reply, {
      ...{ contentType: 'application/atom+xml; charset=utf-8', language, fileName: `${slug}-changes.atom` },
      write: () => atomXml(feedOf(news, { base, address, language })),
    })
  })
}

/** In points, which are about microseconds of the server's time. */
const pointsOfFeed = 15_000

/** @throws BAD_USER_INPUT for any other parameter */
function languageOf({ query }: FastifyRequest): NewsLanguage {
  const { lang, ...others } = query as Record<string, string | string[] | undefined>
  const issues = Object.keys(others).map((name) => ({
    path: [name],
    message: "isn't a parameter of this address; it takes lang.",
  }))
  const languages = [lang ?? []].flat()
  const fault = faultOfLang(languages)
  if (fault !== null) issues.push({ path: ['lang'], message: fault })
  if (issues.length > 0) throw badUserInput(issues)
  return languageFor(languages[0] ?? null)
}

interface Place {
  readonly base: string
  readonly address: string
  readonly language: NewsLanguage
}

function feedOf({ event, commits }: RecentNews, place: Place): AtomFeed {
  return {
    id: uuidOf('changes', event.id),
    title: titleOfNews(event.name, place.language),
    author: event.name,
    address: place.address,
    updatedAt: commits[0]?.committedAt ?? event.createdAt,
    language: place.language,
    entries: commits.flatMap((commit) => entriesOf(commit, event.timeZone, place)),
  }
}

/** So many sessions of one commit get an entry each; more are told in one. */
const mostApart = 5

function entriesOf(commit: CommitNews, timeZone: string, { base, language }: Place): AtomEntry[] {
  const { token, committedAt: updatedAt, sessions, rooms } = commit
  if (sessions.length + rooms.length > mostApart) {
    return [{ id: token, ...manyOf(commit, timeZone, language), updatedAt, link: null }]
  }
  const entry = (id: string, title: string, link: AtomEntry['link'] = null) => ({
    ...{ id, title, lines: [title], updatedAt, link },
  })
  return [
    ...rooms.map((room) => entry(uuidOf(token, room.from, room.to), roomSentence(room, language))),
    ...sessions.map((news) => {
      const { sessionId } = news
      const link = { address: `${base}/sessions/${sessionId}.ics`, mediaType: 'text/calendar' }
      return entry(uuidOf(token, sessionId), sentenceOf(news, timeZone, language), link)
    }),
  ]
}

/** The same UUID for the same words, as version 8 of RFC 9562 has it. */
function uuidOf(...words: readonly string[]): string {
  const digits = createHash('sha256').update(words.join(' ')).digest('hex')
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-8${digits.slice(13, 16)}-a${digits.slice(17, 20)}-${digits.slice(20, 32)}`
}
