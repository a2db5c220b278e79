import { betweenOthers } from '../between-others.ts'
import type { TextFormat } from './format.ts'
import { safeHtml } from './html.ts'
import { textOfHtml } from './plain-text.ts'

/** What a text can be read as. */
export type Rendering = 'html' | 'text'

/** The most characters that are kept, of texts and what they were made into, over all requests. */
const mostKept = 8_000_000

const kept = new Map<string, string>()
let keptLength = 0

/**
 * A text as sanitised HTML, or without its markup. One at a time in the process, so that others are answered between two;
 * what was asked for lately is kept.
 *
 * @param admit called for a text that has to be made, with its length in UTF-16 units; what it throws is thrown
 */
export async function rendered(
  text: string,
  { format, as }: { readonly format: TextFormat; readonly as: Rendering },
  admit: (length: number) => void,
): Promise<string> {
  if (as === 'text' && format === 'PLAIN') return text
  const key = keyOf(text, format, as)
  const found = kept.get(key)
  if (found !== undefined) return keep(key, found)
  admit(text.length)
  return keep(key, await betweenOthers(() => kept.get(key) ?? make(text, format, as)))
}

/** A text as sanitised HTML, or without its markup, at once: for programmes that are written out in pieces. */
export function renderedNow(
  text: string,
  { format, as }: { readonly format: TextFormat; readonly as: Rendering },
): string {
  if (as === 'text' && format === 'PLAIN') return text
  const key = keyOf(text, format, as)
  return keep(key, kept.get(key) ?? make(text, format, as))
}

function keyOf(text: string, format: TextFormat, as: Rendering): string {
  return `${as} ${format} ${text}`
}

function make(text: string, format: TextFormat, as: Rendering): string {
  const html = safeHtml(text, format)
  return as === 'html' ? html : textOfHtml(html)
}

/** A Map keeps the order in which keys were set: the first is the one that was not asked for the longest. */
function keep(key: string, result: string): string {
  const length = (entry: readonly [string, string]) => entry[0].length + entry[1].length
  if (kept.delete(key)) keptLength -= length([key, result])
  kept.set(key, result)
  keptLength += length([key, result])
  for (const entry of kept) {
    if (keptLength <= mostKept) break
    kept.delete(entry[0])
    keptLength -= length(entry)
  }
  return result
}
