/** What words in a text have to be for one piece of a search: one or more ways to say it, each some words in a row. */
export type Term = readonly (readonly Word[])[]

/** What one word may be, folded. */
export interface Word {
  readonly words: ReadonlySet<string>
  readonly beginnings: readonly string[]
}

/**
 * The terms that `search_terms` wrote, with words for stems.
 *
 * @param stemmed which words there are of the stems
 */
export function termsFrom(
  terms: readonly string[],
  stemmed: readonly { readonly stem: string; readonly word: string }[],
): Term[] {
  return terms.map((term) => {
    const [phrase, joined] = term.split(") | 'K:")
    const said = phrase!.split(' <-> ').map((group) => wordFrom(group, stemmed))
    return joined === undefined ? [said] : [said, [wordFrom(`'K:${joined}`, stemmed)]]
  })
}

function wordFrom(group: string, stemmed: readonly { readonly stem: string; readonly word: string }[]): Word {
  const words = new Set<string>()
  const beginnings: string[] = []
  for (const [, lexeme, prefix] of group.matchAll(form)) {
    if (prefix !== undefined) beginnings.push(lexeme!.slice(1))
    else if (lexeme!.startsWith(':')) words.add(lexeme!.slice(1))
    else for (const { stem, word } of stemmed) if (stem === lexeme) words.add(word)
  }
  return { words, beginnings }
}

const form = /'K([^']+)'(:\*)?/g
