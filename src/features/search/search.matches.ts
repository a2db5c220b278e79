import { betweenOthers } from '../../between-others.ts'
import type { Context } from '../../context.ts'
import { queryTooComplex } from '../../errors.ts'
import type { SearchField, SearchMatch } from '../../generated/graphql.ts'
import type { TextFormat } from '../../markup/format.ts'
import { plainText } from '../text/text.fields.ts'
import { excerpt, rangesIn } from './search.ranges.ts'
import { formsOf, type Term, termsFrom } from './search.terms.ts'

/** The texts of a row that was found. */
export interface MatchedTexts {
  readonly id: string
  readonly texts: readonly {
    readonly field: SearchField
    readonly text: string | null
    readonly format: TextFormat
  }[]
  /** Which words of the row have which of the stems that were asked for. */
  readonly stemmed: readonly { readonly stem: string; readonly word: string }[]
}

/** The texts of these rows, by id, and what of the terms their words are. One statement. */
export async function matchedTexts(
  { db }: Context,
  ids: readonly string[],
  terms: readonly string[],
): Promise<Map<string, MatchedTexts>> {
  const stems = formsOf(terms).filter((form) => form.startsWith('~'))
  const rows = await db.$queryRaw<MatchedTexts[]>`
    SELECT d.id, coalesce(
      (SELECT json_build_array(
         json_build_object('field', 'TITLE', 'text', s.title, 'format', 'PLAIN'),
         json_build_object('field', 'SUBTITLE', 'text', s.subtitle, 'format', 'PLAIN'),
         json_build_object('field', 'SPEAKER', 'format', 'PLAIN', 'text', (
           SELECT string_agg(p.name, ', ' ORDER BY k.position, k.speaker_id)
           FROM session_speakers k JOIN speakers p ON p.id = k.speaker_id
           WHERE k.event_id = s.event_id AND k.session_id = s.id AND p.deleted_at IS NULL)),
         json_build_object('field', 'TRACK', 'format', 'PLAIN', 'text', (
           SELECT t.name FROM tracks t WHERE t.id = s.track_id AND t.deleted_at IS NULL)),
         json_build_object('field', 'ROOM', 'format', 'PLAIN', 'text', (
           SELECT r.name FROM rooms r WHERE r.id = s.room_id AND r.deleted_at IS NULL)),
         json_build_object('field', 'ABSTRACT', 'text', s.abstract, 'format', upper(s.text_format::text)),
         json_build_object('field', 'DESCRIPTION', 'text', s.description, 'format', upper(s.text_format::text)))
       FROM sessions s WHERE s.id = d.id),
      (SELECT json_build_array(
         json_build_object('field', 'NAME', 'text', p.name, 'format', 'PLAIN'),
         json_build_object('field', 'ORGANISATION', 'text', p.organisation, 'format', 'PLAIN'),
         json_build_object('field', 'BIOGRAPHY', 'text', p.biography, 'format', upper(p.text_format::text)))
       FROM speakers p WHERE p.id = d.id),
      (SELECT json_build_array(
         json_build_object('field', 'NAME', 'text', t.name, 'format', 'PLAIN'),
         json_build_object('field', 'DESCRIPTION', 'text', t.description, 'format', 'PLAIN'))
       FROM tracks t WHERE t.id = d.id),
      (SELECT json_build_array(json_build_object('field', 'NAME', 'text', r.name, 'format', 'PLAIN'))
       FROM rooms r WHERE r.id = d.id),
      '[]') AS texts,
      (SELECT coalesce(json_agg(DISTINCT jsonb_build_object('stem', substr(stem.lexeme, 11), 'word', substr(word.lexeme, 12))), '[]')
       FROM unnest(d.words) stem JOIN unnest(d.words) word ON word.positions && stem.positions
       WHERE substr(stem.lexeme, 11) = ANY (${stems}) AND substr(word.lexeme, 11, 1) = ':') AS stemmed
    FROM search_documents d WHERE d.id = ANY (${[...ids]}::uuid[])`
  return new Map(rows.map((row) => [row.id, row]))
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
  if (sum <= mostOfRequest) return
  const most = mostOfRequest.toLocaleString('en')
  throw queryTooComplex(
    `would look for the words in more than ${most} characters; ask for the matches of fewer hits`,
  )
}
