import { betweenOthers } from '../between-others.ts'

/**
 * What Node writes into the text that the database made: it leaves a mark at the place. Marks are set off by characters
 * that no JSON text holds bare, so no stored text can look like one.
 */
const begin = '\u0001'

/** What the database can't say as JavaScript would; the whole operation is then answered the usual way. SQL. */
export const unsayable = 'chr(2)'
const unsaid = '\u0002'

/** What is null against what the schema says mustn't be left out silently. */
export function sayable(row: string): string {
  return `coalesce(${row}, ${unsayable})`
}

/** Stands in place of a text that would make the answer longer than it may be. SQL. */
export const cut = 'chr(4)'

/** Whether texts were left out, so that it is no answer. */
export function isCut(made: string): boolean {
  return made.includes('\u0004')
}

/** Stands before each thing that is counted. SQL. */
export const counted = 'chr(3)'
const count = '\u0003'

/** Writes the JSON of a place from what the statement left there. */
export type Writer = (values: string) => string

/**
 * The SQL of a mark.
 *
 * @param writer its index
 * @param values SQL that gives a text without bare control characters, never null
 */
export function mark(writer: number, values: string): string {
  return `chr(1)||'${writer} '||${values}||chr(1)`
}

/** How many marks are replaced before others are let in: a wall clock takes some microseconds, and a page has thousands. */
const marksInARow = 500

/**
 * The text with its marks replaced; null if the database couldn't say something, or there is more than there may be. Others
 * are answered between the parts of a long one.
 *
 * @param most how much of what is counted; null: nothing is counted
 */
export async function withMarks(
  made: string,
  writers: readonly Writer[],
  most: number | null,
): Promise<string | null> {
  if (made.includes(unsaid)) return null
  const text = most === null ? made : made.replaceAll(count, '')
  if (made.length - text.length > (most ?? 0)) return null
  if (writers.length === 0 || !text.includes(begin)) return text
  let written = ''
  let from = 0
  for (let marks = 0; ; marks += 1) {
    if (marks > 0 && marks % marksInARow === 0) await betweenOthers(() => undefined)
    const start = text.indexOf(begin, from)
    if (start === -1) return written + text.slice(from)
    const end = text.indexOf(begin, start + 1)
    const space = text.indexOf(' ', start)
    const writer = writers[Number(text.slice(start + 1, space))]!
    written += text.slice(from, start) + writer(text.slice(space + 1, end))
    from = end + 1
  }
}
