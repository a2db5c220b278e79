import { createRecent } from './recent.ts'

/**
 * A function of text that remembers its latest results: who asks for ever new texts makes it forget, and never makes it
 * grow. What is thrown isn't remembered.
 *
 * @param most how many results, 4 or more; or how much they come to by `sizeOf`
 * @param sizeOf how much the result for a text counts
 */
export function remembering<Result>(
  most: number,
  find: (text: string) => Result,
  sizeOf: (text: string) => number = () => 1,
): (text: string) => Result {
  const results = createRecent<{ readonly result: Result }>(most)
  return (text) => {
    const known = results.get(text)
    if (known !== undefined) return known.result
    const result = find(text)
    results.set(text, { result }, sizeOf(text))
    return result
  }
}
