import { betweenOthers } from '../../between-others.ts'
import { isCut } from '../../compiled/marks.ts'
import type { Context } from '../../context.ts'
import { queryTooComplex } from '../../errors.ts'
import type { SearchField, SearchMatch } from '../../generated/graphql.ts'
import type { TextFormat } from '../../markup/format.ts'
import { plainText } from '../text/text.fields.ts'
import { excerpt, rangesIn } from './search.ranges.ts'
import { type Term, termsFrom } from './search.terms.ts'

/** The texts of a row that was found. */
export interface MatchedTexts {
  readonly texts: readonly {
    readonly field: SearchField
    readonly text: string | null
    readonly format: TextFormat
  }[]
  /** Which words of the row have which of the stems that were asked for. */
  readonly stemmed: readonly { readonly stem: string; readonly word: string }[]
}

/** The most characters of texts in which words are looked for for one request: about a second. */
const mostOfRequest = 1_000_000
const lengths = new WeakMap<Context, number>()
/** Longer ones take milliseconds. */
const brief = 2_000

/**
 * What of the texts is to be shown, and where the words stand in it.
 *
 * @throws QUERY_TOO_COMPLEX for more text than is looked into for one request
 */
export async function matchesIn(
  ctx: Context,
  { texts, stemmed }: MatchedTexts,
  { terms, maxLength }: { readonly terms: readonly string[]; readonly maxLength: number },
): Promise<SearchMatch[]> {
  const asked: readonly Term[] = termsFrom(terms, stemmed)
  const matches: SearchMatch[] = []
  for (const { field, text, format } of texts) {
    if (text === null) continue
    if (isCut(text)) throw tooMuch()
    const plain = await plainText(ctx, text, format)
    admit(ctx, plain.length)
    const ranges =
      plain.length > brief ? await betweenOthers(() => rangesIn(plain, asked)) : rangesIn(plain, asked)
    if (ranges.length > 0) matches.push({ field, ...excerpt(plain, ranges, maxLength) })
  }
  return matches
}

function admit(ctx: Context, length: number): void {
  const sum = (lengths.get(ctx) ?? 0) + length
  lengths.set(ctx, sum)
  if (sum > mostOfRequest) throw tooMuch()
}

function tooMuch(): Error {
  const most = mostOfRequest.toLocaleString('en')
  return queryTooComplex(
    `would look for the words in more than ${most} characters; ask for the matches of fewer hits`,
  )
}
