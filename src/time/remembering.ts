/**
 * A function of text that remembers its latest results, `most` of them: who asks for ever new texts makes it forget, and
 * never makes it grow. What is thrown isn't remembered.
 */
export function remembering<Result>(most: number, find: (text: string) => Result): (text: string) => Result {
  const results = new Map<string, { readonly result: Result }>()
  return (text) => {
    const found = results.get(text) ?? { result: find(text) }
    // A Map keeps the order in which keys were set: the first is the one that was not asked for the longest.
    results.delete(text)
    results.set(text, found)
    if (results.size > most) results.delete(results.keys().next().value!)
    return found.result
  }
}
