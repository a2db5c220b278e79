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
  if (!rule.mayBeBlank && invisible.test(text)) return 'must not be blank.'
  if (!text.isWellFormed()) return 'holds half of a surrogate pair, which is no character.'
  const control = (rule.lines === 'one' ? anyControl : controlButLineBreaks).exec(text)
  if (control === null) return faultOfDirections(text)
  const reason = rule.lines === 'one' ? ', and must be one line' : ''
  return `holds the control character ${nameOf(control[0])}${reason}.`
}

/** Whether PostgreSQL could hold the text, so that something stored can equal it. */
export function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}

/**
 * Text of both directions needs its marks, and may be nested in isolates and embeddings; each must end in the line that
 * it begins in, or it would turn around what stands beside the text. Overrides make letters read in another order than
 * they are stored in, so that a name looks like somebody else's; no text needs them.
 */
function faultOfDirections(text: string): string | null {
  if (!direction.test(text)) return null
  for (const line of text.split(lineBreak)) {
    const open: string[] = []
    for (const [character] of line.matchAll(directions)) {
      if (overrides.has(character)) {
        return `holds ${nameOf(character)}, which makes letters read in another order than they are in.`
      }
      const end = ends.get(character)
      if (end !== undefined) open.push(end)
      else if (open.pop() !== character)
        return `holds ${nameOf(character)}, which ends nothing that began before.`
    }
    if (open.length > 0) return `lacks the ${nameOf(open.at(-1)!)} that ends what begins in the same line.`
  }
  return null
}

const direction = /[\u202A-\u202E\u2066-\u2069]/
const directions = new RegExp(direction, 'g')
const overrides: ReadonlySet<string> = new Set(['\u202D', '\u202E'])
/** What ends an embedding, and what an isolate. */
const ends: ReadonlyMap<string, string> = new Map([
  ['\u202A', '\u202C'],
  ['\u202B', '\u202C'],
  ['\u2066', '\u2069'],
  ['\u2067', '\u2069'],
  ['\u2068', '\u2069'],
])
const lineBreak = /[\r\n\u2028\u2029]/

/** Spaces, and characters that show nothing by themselves. */
const invisible = /^[\p{White_Space}\p{Default_Ignorable_Code_Point}]*$/u

function nameOf(character: string): string {
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`
}

// The C0 and C1 controls; tab, line feed and carriage return are text where there may be many lines.
// oxlint-disable-next-line no-control-regex
const anyControl = /[\u0000-\u001F\u007F-\u009F\u2028\u2029]/
// oxlint-disable-next-line no-control-regex
const controlButLineBreaks = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/
