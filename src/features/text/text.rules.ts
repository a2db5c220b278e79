import type { InputIssue } from '../../errors.ts'
import { isBlank } from '../../text.ts'

/** The texts of which `textFormat` says how they are written, and which may be long. */
export const longTexts: readonly string[] = ['abstract', 'description', 'biography']

/** What a search asks for: a word, or words that stand next to each other. */
export interface Piece {
  readonly text: string
  /** Whether it is meant as it is, not in other forms. */
  readonly isExact: boolean
}

const mostPieces = 16

/**
 * The words and the quotes of a text that a person types. The last piece may be the beginning of a word, unless it is in
 * quotes that were closed. None for a text that holds nothing but punctuation.
 */
export function piecesOf(text: string): Piece[] {
  return Array.from(text.matchAll(piece), ([whole, quoted, end]) => ({
    text: quoted ?? whole,
    isExact: quoted !== undefined && end !== '',
  })).filter(({ text: words }) => /[^\p{P}\p{Z}\p{C}]/u.test(words))
}

/** The pieces of a filter's text; null if it has none, which filters nothing. */
export function piecesOfFilter(text: string | null | undefined): readonly Piece[] | null {
  return text == null || isBlank(text) ? null : piecesOf(text)
}

const piece = /["“”„«»]([^"“”„«»]*)(["“”„«»]?)|[^\s"“”„«»]+/gu

export function faultsOfPieces(path: readonly string[], pieces: readonly Piece[]): InputIssue[] {
  return pieces.length <= mostPieces ? [] : [{ path, message: `must have ${mostPieces} words at most.` }]
}
