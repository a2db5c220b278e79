import { isRecord } from '../../is-record.ts'
import type { Stated } from './stated.ts'

/** What a person should know of values that a file has and nobody asked for: one sentence for each of their names. */
export function unkept(record: Readonly<Record<string, Stated>>, known: ReadonlySet<string>): string[] {
  const names = Object.entries(record).flatMap(([name, value]) =>
    known.has(name) || isNothing(value) ? [] : name,
  )
  return names.map(
    (name) => `has ${JSON.stringify(name)}, for which there is no place here. It was left out.`,
  )
}

function isNothing(value: Stated): boolean {
  if (typeof value === 'string') return /^\s*(false|0)?\s*$/i.test(value)
  if (Array.isArray(value)) return value.every(isNothing)
  if (isRecord(value)) return Object.values(value).every(isNothing)
  return value === undefined || value === null || value === false || value === 0
}

export function namesOf(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/))
}
