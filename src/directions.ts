/**
 * What is wrong about the directional marks of a text, in words for the person who sent it; null if nothing is.
 *
 * Text of both directions needs its marks, and may be nested in isolates and embeddings; each must end in the line that
 * it begins in, or it would turn around what stands beside the text. Overrides make letters read in another order than
 * they are stored in, so that a name looks like somebody else's; no text needs them.
 */
export function faultOfDirections(text: string): string | null {
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

/**
 * The text with its directional marks in pairs, so that it reads as before: a mark that ends nothing does nothing, and
 * one that isn't ended ends with its line. Overrides stay, because text reads otherwise without them.
 *
 * @param tell is told of each mark in words: 'left out U+2069, which ended nothing'
 */
export function pairDirections(text: string, tell: (what: string) => void): string {
  if (!direction.test(text)) return text
  const paired = text.split(linesAndBreaks).map((line) => pairInLine(line, tell))
  return paired.join('')
}

function pairInLine(line: string, tell: (what: string) => void): string {
  if (!direction.test(line)) return line
  const characters = Array.from(line)
  const open: { readonly at: number; readonly mark: string; readonly end: string }[] = []
  /** What is there instead of a character. */
  const close = ({ at, mark, end }: (typeof open)[number], before: number | null) => {
    // Left-to-right text in a line that has no other is the same without the mark.
    if (leftToRight.has(mark) && !rightToLeft.test(line)) {
      characters[at] = ''
      tell(`left out ${nameOf(mark)}, which had no end`)
    } else {
      if (before === null) characters.push(end)
      else characters[before] = `${end}${characters[before]}`
      tell(`added ${nameOf(end)}, which ends what ${nameOf(mark)} begins`)
    }
  }
  const length = characters.length
  for (let at = 0; at < length; at += 1) {
    const mark = characters[at]!
    if (overrides.has(mark)) open.push({ at, mark, end: popDirection })
    else if (ends.has(mark)) open.push({ at, mark, end: ends.get(mark)! })
    else if (mark === popDirection || mark === popIsolate) {
      const begin = open.findLastIndex(({ end }) => end === mark)
      // An embedding that is outside of an isolate doesn't end in it; an isolate takes along what it holds.
      const isOutside = mark === popDirection && begin < open.findLastIndex(({ end }) => end === popIsolate)
      if (begin === -1 || isOutside) {
        characters[at] = ''
        tell(`left out ${nameOf(mark)}, which ended nothing`)
      } else {
        for (const inner of open.splice(begin).slice(1).toReversed()) close(inner, at)
      }
    }
  }
  for (const unclosed of open.toReversed()) if (!overrides.has(unclosed.mark)) close(unclosed, null)
  return characters.join('')
}

/** 'U+2069' */
export function nameOf(character: string): string {
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`
}

const direction = /[\u202A-\u202E\u2066-\u2069]/
const directions = new RegExp(direction, 'g')
const overrides: ReadonlySet<string> = new Set(['\u202D', '\u202E'])
const popDirection = '\u202C'
const popIsolate = '\u2069'
/** What ends an embedding, and what an isolate. */
const ends: ReadonlyMap<string, string> = new Map([
  ['\u202A', popDirection],
  ['\u202B', popDirection],
  ['\u2066', popIsolate],
  ['\u2067', popIsolate],
  ['\u2068', popIsolate],
])
/** Embedding, isolate, and the isolate that takes the direction of its first letter. */
const leftToRight: ReadonlySet<string> = new Set(['\u202A', '\u2066', '\u2068'])
/** Letters and marks of the scripts that run from right to left. */
const rightToLeft = /[\u0590-\u08FF\u200F\uFB1D-\uFDFF\uFE70-\uFEFC\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u
const lineBreak = /[\r\n\u2028\u2029]/
const linesAndBreaks = /([\r\n\u2028\u2029])/
