import { JsonData } from './json-data.ts'

/** Whether the texts in an answer have more characters together than it may, before it is written down. */
export function isLongerThan(most: number, data: unknown): boolean {
  if (!(data instanceof JsonData)) return charactersIn(data) > most
  if (data.isCut) return true
  // The texts in it are no longer than all of it.
  return data.text.length > most && charactersIn(JSON.parse(data.text)) > most
}

function charactersIn(value: unknown): number {
  if (typeof value === 'string') return value.length
  if (typeof value !== 'object' || value === null) return 0
  let characters = 0
  for (const key in value) characters += charactersIn((value as Record<string, unknown>)[key])
  return characters
}
