/** How many characters the texts in an answer have together, before it is written down. */
export function charactersIn(value: unknown): number {
  if (typeof value === 'string') return value.length
  if (typeof value !== 'object' || value === null) return 0
  let characters = 0
  for (const key in value) characters += charactersIn((value as Record<string, unknown>)[key])
  return characters
}
