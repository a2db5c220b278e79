import { createRecent } from './recent.ts'

/**
 * A function of text that remembers its latest results, `most` of them: who asks for ever new texts makes it forget, and
 * never makes it grow. What is thrown isn't remembered.
 *
 * @param most 4 or more
 */
export function remembering<Result>(most: number, find: (text: string) => Result): (text: string) => Result {
  const results = createRecent<{ readonly result: Result }>(most)
  return (text) => {
    const known = results.get(text)
    if (known !== undefined) return known.result
    const result = find(text)
    results.set(text, { result }, 1)
    return result
  }
}
