import { cleanLine } from '../../text.ts'
import { dayAndTimeOf } from '../../time/wall-clock.ts'
import type { CommitNews } from './news.recent.ts'
import type { NewsKind, NewsOfSession, NewsPlace } from './news.rules.ts'

/** How news is told in a language. */
interface Words {
  readonly feed: (event: string) => string
  readonly added: (title: string, place: string) => string
  readonly moved: (title: string, from: string, to: string) => string
  readonly canceled: (title: string, place: string) => string
  readonly renamed: (from: string, to: string) => string
  readonly roomRenamed: (from: string, to: string) => string
  readonly many: (counts: Readonly<Record<NewsKind, number>>) => string
  readonly more: (count: number) => string
  readonly noTime: string
  readonly day: (weekday: string, day: string, month: string) => string
  readonly month: 'short' | 'numeric'
}

const words = {
  en: {
    feed: (event) => `${event}: changes of the programme`,
    added: (title, place) => `New: “${title}”, ${place}`,
    moved: (title, from, to) => `“${title}” moved from ${from} to ${to}`,
    canceled: (title, place) => `Canceled: “${title}”, ${place}`,
    renamed: (from, to) => `“${from}” is now called “${to}”`,
    roomRenamed: (from, to) => `The room ${from} is now called ${to}`,
    many: ({ NEW, MOVED, CANCELED, RENAMED }) =>
      `${listed([NEW, 'new'], [MOVED, 'moved'], [CANCELED, 'canceled'], [RENAMED, 'renamed'])} in the programme`,
    more: (count) => `and ${count} more`,
    noTime: 'no time yet',
    day: (weekday, day, month) => `${weekday} ${day} ${month}`,
    month: 'short',
  },
  de: {
    feed: (event) => `${event}: Änderungen im Programm`,
    added: (title, place) => `Neu: „${title}“, ${place}`,
    moved: (title, from, to) => `„${title}“ verlegt von ${from} nach ${to}`,
    canceled: (title, place) => `Abgesagt: „${title}“, ${place}`,
    renamed: (from, to) => `„${from}“ heißt jetzt „${to}“`,
    roomRenamed: (from, to) => `Der Raum ${from} heißt jetzt ${to}`,
    many: ({ NEW, MOVED, CANCELED, RENAMED }) =>
      `${listed([NEW, 'neu'], [MOVED, 'verlegt'], [CANCELED, 'abgesagt'], [RENAMED, 'umbenannt'])} im Programm`,
    more: (count) => `und ${count} weitere`,
    noTime: 'noch ohne Zeit',
    day: (weekday, day, month) => `${weekday}, ${day}.${month}.`,
    month: 'numeric',
  },
} as const satisfies Record<string, Words>

export type NewsLanguage = keyof typeof words

/** What a feed of an event's news is called. */
export function titleOfNews(event: string, language: NewsLanguage): string {
  return words[language].feed(named(event))
}

/** What is said of a session: a sentence for each thing that is news. @param timeZone of the event */
export function sentenceOf(
  { kinds, title: itsTitle, formerTitle, from, to }: NewsOfSession,
  timeZone: string,
  language: NewsLanguage,
): string {
  const told = words[language]
  const title = named(itsTitle)
  const place = (one: NewsPlace) => placeText(one, { timeZone, language })
  const sentences: Record<NewsKind, () => string> = {
    NEW: () => told.added(title, place(to!)),
    MOVED: () => told.moved(title, ...fromTo([from!, to!], { timeZone, language })),
    CANCELED: () => told.canceled(title, place(from!)),
    RENAMED: () => told.renamed(named(formerTitle!), title),
  }
  return kinds.map((kind) => sentences[kind]()).join('; ')
}

/** What is said of a commit that changed many sessions: how many, and each in a line, as far as there is room. */
export function manyOf(
  { sessions, rooms }: CommitNews,
  timeZone: string,
  language: NewsLanguage,
): { readonly title: string; readonly lines: readonly string[] } {
  const count = (kind: NewsKind) => sessions.filter(({ kinds }) => kinds.includes(kind)).length
  const counts = {
    NEW: count('NEW'),
    MOVED: count('MOVED'),
    CANCELED: count('CANCELED'),
    RENAMED: count('RENAMED'),
  }
  const all = [
    ...rooms.map((room) => roomSentence(room, language)),
    ...sessions.map((one) => sentenceOf(one, timeZone, language)),
  ]
  const more = all.length > mostLines ? [words[language].more(all.length - mostLines)] : []
  return { title: words[language].many(counts), lines: [...all.slice(0, mostLines), ...more] }
}

const mostLines = 50

export function roomSentence(
  { from, to }: { readonly from: string; readonly to: string },
  language: NewsLanguage,
): string {
  return words[language].roomRenamed(named(from), named(to))
}

/** A name within a sentence: it must neither break the line nor turn the direction of what follows. */
function named(name: string): string {
  return cleanLine(name, 1_000) ?? ''
}

interface Told {
  readonly timeZone: string
  readonly language: NewsLanguage
}

/** Two places, told apart by as little as does it: the day only once if it is one day, the end only if nothing else differs. */
function fromTo([from, to]: readonly [NewsPlace, NewsPlace], told: Told): [string, string] {
  const isSame = +(from.startsAt ?? 0) === +(to.startsAt ?? 0) && from.room === to.room
  const day = ({ startsAt }: NewsPlace) => startsAt && dayAndTimeOf(startsAt, told.timeZone)[0]
  const isOneDay = from.startsAt !== null && day(from) === day(to)
  const text = (place: NewsPlace) => placeText(place, told, { withDay: !isOneDay, withEnd: isSame })
  const on = isOneDay ? ` (${dayText(from.startsAt!, told)})` : ''
  return [text(from), `${text(to)}${on}`]
}

function placeText(
  { startsAt, endsAt, room }: NewsPlace,
  told: Told,
  { withDay, withEnd } = { withDay: true, withEnd: false },
): string {
  const clock = (at: Date) => dayAndTimeOf(at, told.timeZone)[1]
  const time =
    startsAt === null
      ? words[told.language].noTime
      : `${clock(startsAt)}${withEnd && endsAt !== null ? `–${clock(endsAt)}` : ''}`
  const day = withDay && startsAt !== null ? `${dayText(startsAt, told)} ` : ''
  return room === null ? `${day}${time}` : `${named(room)}${withDay ? ',' : ''} ${day}${time}`
}

/** 'Sat 27 Mar' or 'Sa, 27.3.' on the clocks of the event. */
function dayText(at: Date, { timeZone, language }: Told): string {
  const part = (form: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat(language, { ...form, timeZone }).format(at)
  return words[language].day(
    part({ weekday: 'short' }),
    part({ day: 'numeric' }).replace('.', ''),
    part({ month: words[language].month }),
  )
}

/** '3 new, 1 moved' */
function listed(...counts: readonly (readonly [number, string])[]): string {
  return counts.flatMap(([count, word]) => (count === 0 ? [] : `${count} ${word}`)).join(', ')
}
