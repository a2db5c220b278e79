import type { FastifyRequest } from 'fastify'
import { badUserInput, type InputIssue } from '../../errors.ts'
import type { ExportFilter } from '../../features/programme/export-programme.ts'
import type { WriteFormat } from '../../interchange/write/formats.ts'
import { languageFor } from '../../interchange/write/words.ts'
import { isId } from '../../paging.ts'
import { isCalendarDay } from '../../time/instant.ts'
import { faultOfText, line } from '../../text.ts'

/** What an address asks of an export. */
export interface ExportRequest {
  readonly filter: ExportFilter
  /** In which the words are that the export adds. */
  readonly language: ReturnType<typeof languageFor>
}

/** The values of one parameter; it may come many times. */
type Values = readonly string[]

/** @throws BAD_USER_INPUT with all faults at once */
export function exportRequestOf(query: FastifyRequest['query'], format: WriteFormat): ExportRequest {
  // Fastify gives a text, or a list of them, for each name.
  const given = new Map(Object.entries(query as Record<string, string | string[]>))
  const issues: InputIssue[] = []
  const fault = (name: string, message: string) => void issues.push({ path: [name], message })
  const valuesOf = (name: string): Values => [given.get(name) ?? []].flat().filter((value) => value !== '')
  const known = ['track', 'room', 'day', 'language', 'session', 'lang']
  const taken = [
    ...known,
    ...(format.hasCanceled ? ['canceled'] : []),
    ...(format.hasBreaks ? ['breaks'] : []),
  ]
  for (const name of given.keys()) {
    if (!taken.includes(name)) fault(name, `isn't a parameter of this address; it takes ${taken.join(', ')}.`)
  }
  for (const name of known) {
    const values = valuesOf(name)
    if (values.length > 200) fault(name, 'may be given 200 times at most.')
    for (const value of values) {
      const message = faultOfText(value, line)
      if (message !== null) fault(name, message)
    }
  }
  const days = valuesOf('day')
  for (const day of days) {
    if (!isDay(day)) fault('day', `${JSON.stringify(day)} isn't a day such as 2027-03-27.`)
  }
  for (const id of valuesOf('session')) {
    if (!isId(id)) {
      const message = `${JSON.stringify(id)} isn't the id or the guid of a session, which is a UUID.`
      fault('session', message)
    }
  }
  const one = (name: string, words: Values, otherwise: string): string => {
    const values = valuesOf(name)
    if (values.length === 0 || !taken.includes(name)) return otherwise
    if (values.length > 1 || !words.includes(values[0]!)) fault(name, `must be ${words.join(' or ')}, once.`)
    return values[0]!
  }
  const canceled = one('canceled', ['keep', 'drop'], 'keep')
  const breaks = one('breaks', ['true', 'false'], 'false')
  const languages = valuesOf('lang')
  const faultOfLanguages = faultOfLang(languages)
  if (faultOfLanguages !== null) fault('lang', faultOfLanguages)
  const sessions = valuesOf('session')
  if (issues.length > 0) throw badUserInput(issues)
  return {
    filter: {
      tracks: valuesOf('track'),
      rooms: valuesOf('room'),
      days,
      languages: valuesOf('language'),
      sessions: sessions.length === 0 ? null : sessions,
      withCanceled: format.hasCanceled && canceled === 'keep',
      withBreaks: format.hasBreaks && breaks === 'true',
    },
    language: languageFor(languages[0] ?? null),
  }
}

/** What is wrong with the values of `lang`; null if there is none, or one that is a tag. */
export function faultOfLang(values: Values): string | null {
  const isOne = values.length <= 1 && values.every((value) => languageTag.test(value))
  return isOne ? null : 'must be one language tag, such as "en" or "de-AT".'
}

const languageTag = /^[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*$/

function isDay(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text)?.map(Number) ?? []
  return year !== undefined && isCalendarDay(year, month!, day!)
}
