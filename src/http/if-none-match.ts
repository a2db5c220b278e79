/**
 * Compares If-None-Match weakly, because proxies weaken the tags of what they compress.
 *
 * @param tags entity tags that would do, the preferred one first
 * @returns the first of them that the client has, for '*' the preferred one; null if it has none
 */
export function matchedTag(header: string | undefined, tags: readonly string[]): string | null {
  if (header === undefined) return null
  if (matchesAll(header)) return tags[0] ?? null
  const known = new Set(header.match(/"[^"]*"/g))
  return tags.find((tag) => known.has(tag.replace(/^W\//, ''))) ?? null
}

/** Whether If-None-Match matches whatever there is. */
export function matchesAll(header: string | undefined): boolean {
  return header?.trim() === '*'
}
