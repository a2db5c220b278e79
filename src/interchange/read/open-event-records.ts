import { isRecord } from '../../is-record.ts'
import { idOf } from './stated.ts'

/** One record of an Open Event export under snake_case keys, whichever style the file has. */
export type OpenEventRecord = Readonly<Record<string, unknown>>

/**
 * The one spelling of a record: `starts-at`, `startsAt` and `starts_at` are the same key, and a JSON:API resource
 * object ({ id, type, attributes, relationships }) is the flat record that it stands for.
 */
export function recordOf(value: unknown): OpenEventRecord | null {
  if (!isRecord(value)) return null
  const { attributes, relationships, ...own } = value
  const record: Record<string, unknown> = {}
  for (const part of [own, attributes, relatedIn(relationships)]) {
    if (isRecord(part)) for (const [key, inner] of Object.entries(part)) record[snakeCase(key)] = inner
  }
  return record
}

/** 'session-type' -> 'session_type', 'sessionTypes' -> 'session_types' */
export function snakeCase(key: string): string {
  return key
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replaceAll('-', '_')
    .toLowerCase()
}

/** The value of the first of the keys that the record has; undefined where it has none of them. */
export function firstOf(record: OpenEventRecord, ...keys: string[]): unknown {
  return keys.map((key) => record[key]).find((value) => value !== undefined)
}

/** What a record is called, the strongest first: a guid, which our exports have, and an id. */
export function idsOf(record: OpenEventRecord): string[] {
  return [idOf(record['guid']), idOf(record['id'])].filter((id) => id !== null)
}

/** A reference: a record of its own ({ id, name }), or the id alone. */
export function referenceOf(value: unknown): OpenEventRecord | null {
  return typeof value === 'string' || typeof value === 'number' ? { id: value } : recordOf(value)
}

/** { track: { data: { id, type } } } -> { track: { id, type } }; relationships that are links only aren't there. */
function relatedIn(relationships: unknown): Record<string, unknown> {
  if (!isRecord(relationships)) return {}
  const entries = Object.entries(relationships)
  const related = entries.map(([key, value]) => [key, isRecord(value) ? value['data'] : undefined] as const)
  return Object.fromEntries(related.filter(([, data]) => data !== undefined))
}
