import { faultOfDirections, nameOf } from './directions.ts'

/** What free text may hold, so that what is stored is what was sent, and readable. */
export interface TextRule {
  /** In Unicode code points. */
  readonly maxLength: number
  readonly lines: 'one' | 'many'
  readonly mayBeBlank: boolean
}

export const heading: TextRule = { maxLength: 500, lines: 'one', mayBeBlank: false }
export const line: TextRule = { maxLength: 500, lines: 'one', mayBeBlank: true }
export const prose: TextRule = { maxLength: 100_000, lines: 'many', mayBeBlank: true }

/** What is wrong about the text, in words for the person who sent it; null where nothing is. */
export function faultOfText(text: string, rule: TextRule): string | null {
  // The UTF-16 length is an upper bound: only texts near the limit need counting.
  if (
    text.length > rule.maxLength &&
    (text.length > 2 * rule.maxLength || Array.from(text).length > rule.maxLength)
  ) {
    return `must be at most ${rule.maxLength.toLocaleString('en')} characters long.`
  }
  if (!rule.mayBeBlank && isBlank(text)) return 'must not be blank.'
  if (!text.isWellFormed()) return 'holds half of a surrogate pair, which is no character.'
  const control = (rule.lines === 'one' ? anyControl : controlButLineBreaks).exec(text)
  if (control === null) return faultOfDirections(text)
  const reason = rule.lines === 'one' ? ', and must be one line' : ''
  return `holds the control character ${nameOf(control[0])}${reason}.`
}

/**
 * Text that others wrote, made fit for one line: without controls and marks that turn the direction of what stands beside
 * them, runs of blanks as one, cut off at a number of code points.
 *
 * @returns null if nothing is left that shows
 */
export function cleanLine(text: string, maxLength: number): string | null {
  const line = text
    .toWellFormed()
    .replace(/[\u202A-\u202E\u2066-\u2069]/g, '')
    .replace(/[\p{White_Space}\p{Cc}]+/gu, ' ')
    .trim()
  const cut = Array.from(line).slice(0, maxLength).join('').trim()
  return isBlank(cut) ? null : cut
}

/** Whether the text is an address that mail could be sent to, as far as its looks tell. */
export function isEmailAddress(text: string): boolean {
  return faultOfText(text, { ...heading, maxLength: 320 }) === null && /^[^\s@]+@[^\s@]+$/.test(text)
}

/** Whether PostgreSQL could hold the text, so that something stored can equal it. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}

/** Whether nothing of the text would be seen. */
export function isBlank(text: string): boolean {
  return invisible.test(text)
}

/**
 * What keeps the text from being an absolute http(s) address without spaces and invisible characters, of 2048 characters
 * at most, that gives away no password; null if nothing does.
 *
 * Browsers find a host in 'https://one\\@other/' and 'https:///one', and others find another one, or none.
 */
export function faultOfWebAddress(text: string): string | null {
  const [, host] = /^https?:\/\/([^\s\p{C}/?#\\]+)(?:[/?#][^\s\p{C}]*)?$/u.exec(text) ?? []
  const url = host !== undefined && text.length <= 2048 ? urlOf(text) : null
  if (url === null) return "isn't an absolute http(s) URL."
  if (!host!.includes('@')) return null
  return 'has a user name or a password in it, which everybody would be shown. Leave it out.'
}

/**
 * The URL that a text is; null if it is none. URL.canParse of Node 20 calls some with letters such as 'ü' none, once it was
 * asked a thousand times.
 */
export function urlOf(text: string, base?: string): URL | null {
  try {
    return new URL(text, base)
  } catch {
    return null
  }
}

export function isWebAddress(text: string): boolean {
  return faultOfWebAddress(text) === null
}

/** Spaces, and characters that show nothing by themselves. */
const invisible = /^[\p{White_Space}\p{Default_Ignorable_Code_Point}]*$/u

// The C0 and C1 controls; tab, line feed and carriage return are text where there may be many lines.
// oxlint-disable-next-line no-control-regex
const anyControl = /[\u0000-\u001F\u007F-\u009F\u2028\u2029]/
// oxlint-disable-next-line no-control-regex
const controlButLineBreaks = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/
