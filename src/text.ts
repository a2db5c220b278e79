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
  if (!rule.mayBeBlank && text.trim() === '') return 'must not be blank.'
  if (!text.isWellFormed()) return 'holds half of a surrogate pair, which is no character.'
  const control = (rule.lines === 'one' ? anyControl : controlButLineBreaks).exec(text)
  if (control === null) return null
  const code = control[0].codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')
  return `holds the control character U+${code}${rule.lines === 'one' ? ', and must be one line' : ''}.`
}

// The C0 and C1 controls; tab, line feed and carriage return are text where there may be many lines.
// oxlint-disable-next-line no-control-regex
const anyControl = /[\u0000-\u001F\u007F-\u009F\u2028\u2029]/
// oxlint-disable-next-line no-control-regex
const controlButLineBreaks = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/
