import type { TextRange } from '../../generated/graphql.ts'
import type { Term, Word } from './search.terms.ts'

/** A word of a text. */
interface Token {
  readonly start: number
  readonly end: number
  /** As the database folds it; with 'ue' for 'ü', too. */
  readonly folded: readonly string[]
}

/** Where the terms stand in a text, in UTF-16 code units, in order; what touches or overlaps is one. */
export function rangesIn(text: string, terms: readonly Term[]): TextRange[] {
  const tokens = tokensOf(text)
  const found = terms.flat().flatMap((words) => tokens.flatMap((_, at) => rangeAt(text, tokens, at, words)))
  const ranges: TextRange[] = []
  for (const range of found.toSorted((a, b) => a.start - b.start || b.end - a.end)) {
    const last = ranges.at(-1)
    if (last !== undefined && range.start <= last.end) last.end = Math.max(last.end, range.end)
    else ranges.push({ ...range })
  }
  return ranges
}

/** The text, or the piece of it around the first range that is no longer than the length, and the ranges in it. */
export function excerpt(
  text: string,
  ranges: readonly TextRange[],
  maxLength: number,
): { text: string; ranges: TextRange[] } {
  if (text.length <= maxLength) return { text, ranges: [...ranges] }
  const { start } = ranges[0]!
  const wanted = Math.max(0, Math.min(start - Math.floor(maxLength / 4), text.length - maxLength + 1))
  const from = wanted === 0 ? 0 : wordAfter(text, wanted, start)
  const room = maxLength - (from > 0 ? 1 : 0)
  const until = text.length - from <= room ? text.length : wholeUntil(text, from + room - 1)
  const [before, after] = [from > 0 ? '…' : '', until < text.length ? '…' : '']
  const shift = before.length - from
  return {
    text: before + text.slice(from, until) + after,
    ranges: ranges
      .filter((range) => range.start < until)
      .map((range) => ({ start: range.start + shift, end: Math.min(range.end, until) + shift })),
  }
}

/** Behind a blank between the two places, if there is one; never inside of a surrogate pair. */
function wordAfter(text: string, from: number, until: number): number {
  const blank = text.slice(from, until).search(/\s\S/)
  return blank === -1 ? wholeUntil(text, from) : from + blank + 1
}

function wholeUntil(text: string, place: number): number {
  return /[\uDC00-\uDFFF]/.test(text.charAt(place)) ? place - 1 : place
}

function rangeAt(text: string, tokens: readonly Token[], at: number, words: readonly Word[]): TextRange[] {
  const { start, folded } = tokens[at]!
  const isThere = words.every((word, index) => isOne(tokens[at + index]?.folded ?? [], word))
  if (isThere) return [{ start, end: tokens[at + words.length - 1]!.end }]
  if (words.length > 1) return []
  for (const word of words[0]!.words) {
    if (!word.startsWith(folded[0]!)) continue
    const end = endOfJoined(text, tokens.slice(at, at + mostJoined), word)
    if (end !== null) return [{ start, end }]
  }
  return []
}

const mostJoined = 4
const joiners = "-._'’‐"

/** Where a word ends that the tokens make together: 'nodejs' is what 'node.js' is, too. null if they don't. */
function endOfJoined(text: string, tokens: readonly Token[], word: string): number | null {
  let rest = word
  let end: number | null = null
  for (const token of tokens) {
    const [first] = token.folded
    const isJoined = end === null || (token.start - end === 1 && joiners.includes(text.charAt(end)))
    if (!isJoined || !rest.startsWith(first!)) return null
    rest = rest.slice(first!.length)
    end = token.end
    if (rest === '') return end
  }
  return null
}

function isOne(folded: readonly string[], { words, beginnings }: Word): boolean {
  return folded.some((each) => words.has(each) || beginnings.some((beginning) => each.startsWith(beginning)))
}

function tokensOf(text: string): Token[] {
  // Most words of a text stand in it many times, and folding is what takes long.
  const known = new Map<string, readonly string[]>()
  const formsOf = (word: string): readonly string[] => {
    let forms = known.get(word)
    if (forms === undefined) {
      forms = /^[A-Za-z0-9]+$/.test(word)
        ? [word.toLowerCase()]
        : [...new Set([folded(word), folded(spelled(word))])]
      known.set(word, forms)
    }
    return forms
  }
  return Array.from(text.matchAll(token), ({ 0: word, index }) => ({
    ...{ start: index, end: index + word.length, folded: formsOf(word) },
  }))
}

/** Characters of scripts that don't set words apart, each alone; other words. As `search_spaced` parts them. */
const token =
  /[\u0E00-\u0EFF\u1000-\u109F\u1780-\u17FF\u2E80-\u2FFF\u3005-\u3007\u3021-\u302F\u3031-\uA4CF\uA960-\uA97F\uAC00-\uD7FF\uF900-\uFAFF\u{20000}-\u{3FFFF}]|[^\p{P}\p{S}\p{Z}\p{C}\u0E00-\u0EFF\u1000-\u109F\u1780-\u17FF\u2E80-\u2FFF\u3005-\u3007\u3021-\u302F\u3031-\uA4CF\uA960-\uA97F\uAC00-\uD7FF\uF900-\uFAFF\u{20000}-\u{3FFFF}]+(?:\+\+|(?<=[A-Za-z])#)?|[\u{1F000}-\u{1FAFF}]/gu

/** As `search_folded` does, for one word. */
function folded(word: string): string {
  return word
    .normalize('NFKD')
    .replace(/[\p{Mn}\u00AD\u0640\u200B-\u200F]/gu, '')
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\+\+$/, 'plusplus')
    .replace(/#$/, 'sharp')
    .replace(/[øłđðıŋςæœþß]/g, (letter) => others[letter]!)
}

const others: Readonly<Record<string, string>> = {
  ...{ ø: 'o', ł: 'l', đ: 'd', ð: 'ð', ı: 'i', ŋ: 'ŋ', ς: 'σ', æ: 'ae', œ: 'oe', þ: 'th', ß: 'ss' },
}

/** As `search_spelled` does. */
function spelled(word: string): string {
  return word.toLowerCase().replace(/[äöüåø]/g, (letter) => spellings[letter]!)
}

const spellings: Readonly<Record<string, string>> = { ä: 'ae', ö: 'oe', ü: 'ue', å: 'aa', ø: 'oe' }
