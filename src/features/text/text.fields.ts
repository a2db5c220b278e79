import type { Context } from '../../context.ts'
import { badUserInput, queryTooComplex } from '../../errors.ts'
import type { TextFormat } from '../../markup/format.ts'
import { shortened } from '../../markup/plain-text.ts'
import { rendered } from '../../markup/rendered.ts'

/** What has long texts, all in one format. */
interface HasTexts {
  /** null in the history from before formats were known. */
  readonly textFormat: TextFormat | null
}

/** The field that gives one of the texts as sanitised HTML; null where nothing was written. */
export function htmlField<Column extends string>(column: Column) {
  return async (row: HasTexts & Readonly<Record<Column, string | null>>, _args: object, ctx: Context) => {
    const text = row[column]
    return text === null ? null : rendered(text, { format: formatOf(row), as: 'html' }, admitting(ctx))
  }
}

/** The field that gives one of the texts without its markup, shortened if a length is asked for. */
export function textField<Column extends string>(column: Column) {
  return async (
    row: HasTexts & Readonly<Record<Column, string | null>>,
    { maxLength }: { readonly maxLength?: number | null },
    ctx: Context,
  ) => {
    if (typeof maxLength === 'number' && maxLength < 1) {
      throw badUserInput([{ path: ['maxLength'], message: 'must be 1 or more.' }])
    }
    const text = row[column]
    if (text === null) return null
    const plain = await plainText(ctx, text, formatOf(row))
    return typeof maxLength === 'number' ? shortened(plain, maxLength) : plain
  }
}

/** A text without its markup. @throws QUERY_TOO_COMPLEX for more markup than is read for one request */
export function plainText(ctx: Context, text: string, format: TextFormat): Promise<string> {
  return rendered(text, { format, as: 'text' }, admitting(ctx))
}

/** The field that says how the texts are written. */
export function formatOf({ textFormat }: HasTexts): TextFormat {
  return textFormat ?? 'PLAIN'
}

/** The most characters whose markup is read for one request within ten seconds: about three seconds of hostile ones. */
const mostOfRequest = 200_000
const spans = new WeakMap<object, { since: number; length: number }>()

function admitting({ outcome, following }: Context): (length: number) => void {
  return (length) => {
    const now = Date.now()
    const request = following?.stream ?? outcome
    const last = spans.get(request)
    const span = last !== undefined && now - last.since < 10_000 ? last : { since: now, length: 0 }
    span.length += length
    spans.set(request, span)
    if (span.length > mostOfRequest) {
      throw queryTooComplex(
        `would have to read the markup of more than ${mostOfRequest.toLocaleString('en')} characters for one answer`,
      )
    }
  }
}
