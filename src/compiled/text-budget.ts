import { queryTooComplex } from '../errors.ts'
import { cut } from './marks.ts'

/** Of all texts in an answer, in UTF-16 units. An answer of more is refused. */
export const charactersAtMost = 2_000_000

/** A UTF-16 unit takes three bytes at most. */
const bytesAtMost = 3 * charactersAtMost

/** For a statement whose texts aren't all in the answer. */
export function readsTooMuch(): Error {
  return queryTooComplex(`reads more than ${bytesAtMost / 1_000_000} MB of texts`)
}

/** Holds for one statement, because outside of a transaction that is how long a local setting lasts. */
const setting = 'open_event.text_bytes'

/**
 * The JSON of a text, unless the texts that the statement has written so far are more than any answer may have together.
 * The answer is one value: PostgreSQL would make all of it, hundreds of megabytes if aliases repeat a long text, before
 * it sent a byte that could be counted. How long a text is it knows without reading it. Takes a microsecond.
 *
 * @param text SQL
 * @param json SQL
 * @param times how often it is counted: 0 if it was already
 */
export function unlessTooMuch(text: string, json: string, times = 1): string {
  const soFar = `coalesce(nullif(current_setting('${setting}', true), ''), '0')::bigint`
  const sum = times === 0 ? soFar : `${soFar} + coalesce(octet_length(${text}), 0)::bigint * ${times}`
  return `CASE WHEN set_config('${setting}', (${sum})::text, true)::bigint > ${bytesAtMost} THEN ${cut} ELSE ${json} END`
}
