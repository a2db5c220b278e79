import type { Programme, ProgrammeSession } from '../programme.ts'
import { localInstant } from './frab-days.ts'

/** The sessions as a table (RFC 4180), a line each, with times on the clocks of the event. */
export function* csv({ event, sessions }: Programme): Generator<string> {
  yield row(Object.keys(columns))
  const time = (instant: Date | null) => (instant === null ? null : localInstant(instant, event.timeZone))
  for (const session of sessions) yield row(Object.values(columns).map((column) => column(session, time)))
}

type Column = (session: ProgrammeSession, time: (instant: Date | null) => string | null) => string | null

const columns: Readonly<Record<string, Column>> = {
  guid: ({ guid }) => guid,
  title: ({ title }) => title,
  subtitle: ({ subtitle }) => subtitle,
  starts_at: ({ startsAt }, time) => time(startsAt),
  ends_at: ({ endsAt }, time) => time(endsAt),
  room: ({ room }) => room?.name ?? null,
  track: ({ track }) => track?.name ?? null,
  type: ({ sessionType }) => sessionType?.name ?? null,
  language: ({ language }) => language,
  speakers: ({ speakers }) => speakers.map(({ name }) => name).join('; '),
  state: ({ state }) => state.toLowerCase(),
  abstract: ({ abstract }) => abstract,
  description: ({ description }) => description,
  slides_url: ({ slidesUrl }) => slidesUrl,
  video_url: ({ videoUrl }) => videoUrl,
  audio_url: ({ audioUrl }) => audioUrl,
  signup_url: ({ signupUrl }) => signupUrl,
  image_url: ({ imageUrl }) => imageUrl,
  links: ({ links }) => links.map(({ url }) => url).join(' '),
}

function row(cells: readonly (string | null)[]): string {
  return `${cells.map(cell).join(',')}\r\n`
}

/** A spreadsheet takes what begins so for a formula, in full width and behind blanks, too; behind an apostrophe it is text. */
function cell(value: string | null): string {
  const harmless = /^\s*[=+\-@＝＋－＠]/.test(value ?? '') ? `'${value}` : (value ?? '')
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
