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
  const row = tokens.slice(at, at + words.length)
  if (row.length === words.length && words.every((word, index) => isOne(row[index]!.folded, word))) {
    return [{ start: row[0]!.start, end: row.at(-1)!.end }]
  }
  // 'nodejs' is what 'node.js' is, too.
  if (words.length > 1) return []
  for (let last = at + 1; last < Math.min(at + 4, tokens.length); last += 1) {
    if (!/^[-._'’‐]$/.test(text.slice(tokens[last - 1]!.end, tokens[last]!.start))) return []
    const joined = tokens
      .slice(at, last + 1)
      .map(({ folded }) => folded[0])
      .join('')
    if (words[0]!.words.has(joined)) return [{ start: tokens[at]!.start, end: tokens[last]!.end }]
  }
  return []
}

function isOne(folded: readonly string[], { words, beginnings }: Word): boolean {
  return folded.some((each) => words.has(each) || beginnings.some((beginning) => each.startsWith(beginning)))
}

function tokensOf(text: string): Token[] {
  return Array.from(text.matchAll(token), ({ 0: word, index }) => ({
    start: index,
    end: index + word.length,
    folded: [...new Set([folded(word), folded(spelled(word))])],
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
