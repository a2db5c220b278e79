import { nameOf, pairDirections } from '../../directions.ts'
import type { Source } from './source.ts'

type Tell = (what: string) => void

/** A piece of a file without what neither XML nor JSON may hold, and nobody sees: one would make the whole file unreadable. */
export function withoutControls(piece: string, tell: Tell): string {
  return piece.replace(unreadableControls, (control) => mendedControl(control, tell))
}

/**
 * A text of the file without control characters, and with its directional marks in pairs.
 *
 * @param place such as 'line 4', for what is told of it
 */
export function mendedText(text: string, place: string, { listener }: Source): string {
  const tell = (what: string) => listener?.onMended(place, what)
  const visible = text.toWellFormed().replace(controls, (control) => mendedControl(control, tell))
  return pairDirections(visible, tell)
}

/** Tells of a character that was lost before the file was written, or of which JSON has but one half. */
export function tellLost(text: string, place: string, { listener }: Source): void {
  if (!text.toWellFormed().includes(lost)) return
  listener?.onMended(place, `holds ${nameOf(lost)}, which stands where a character was lost`)
}

/** Whether a code point is one that no XML may hold, and nobody sees. */
export function isControl(code: number): boolean {
  return code <= 0xffff && String.fromCharCode(code).search(unreadableControls) === 0
}

/**
 * What is read in place of a control character, so that words stay as they are: a blank for the breaks that word processors
 * write, the character of Windows-1252 for a byte of it that was taken for Latin-1 (a quote, a dash ...), else nothing.
 *
 * @param name how it stands in the file
 */
export function mendedControl(control: string, tell: Tell, name = nameOf(control)): string {
  const meant = breaks.has(control) ? ' ' : windows1252Of(control)
  if (meant === '') tell(`left out the control character ${name}`)
  else tell(`read the control character ${name} as ${meant === ' ' ? 'a blank' : JSON.stringify(meant)}`)
  return meant
}

/** The five bytes that Windows-1252 leaves open are decoded as the control characters that they are in Latin-1. */
function windows1252Of(control: string): string {
  const code = control.codePointAt(0)!
  if (code < 0x80 || code > 0x9f) return ''
  // Node 20 reads it as Latin-1 unless it streams.
  const meant = windows1252.decode(Uint8Array.of(code), { stream: true })
  return meant === control ? '' : meant
}

const windows1252 = new TextDecoder('windows-1252')
/** The vertical tab and the form feed. */
const breaks: ReadonlySet<string> = new Set(['\u000B', '\u000C'])
const lost = '\uFFFD'
// oxlint-disable-next-line no-control-regex
const unreadableControls = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g
// oxlint-disable-next-line no-control-regex
const controls = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\uFFFE\uFFFF]/g
