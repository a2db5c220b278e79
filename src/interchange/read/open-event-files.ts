import { unreadable } from './faults.ts'
import { readJson, rootOf, spelledPath } from './json-values.ts'
import { type OpenEventRecord, recordOf, snakeCase } from './open-event-records.ts'
import type { Source } from './source.ts'

export type OpenEventKind = 'event' | 'tracks' | 'rooms' | 'sessionTypes' | 'speakers' | 'sessions'

/** What an export calls them, in snake_case: as names of files, as keys, and one at a time as JSON:API types. */
const kindNames: Readonly<Record<string, OpenEventKind>> = {
  event: 'event',
  events: 'event',
  track: 'tracks',
  tracks: 'tracks',
  microlocation: 'rooms',
  microlocations: 'rooms',
  session_type: 'sessionTypes',
  session_types: 'sessionTypes',
  speaker: 'speakers',
  speakers: 'speakers',
  session: 'sessions',
  sessions: 'sessions',
}

export function kindNamed(name: string): OpenEventKind | null {
  return kindNames[snakeCase(name)] ?? null
}

/** What of an export each file in one folder holds, by these names. Open Event Server writes them without '.json', too. */
export function openEventFiles(names: readonly string[]): ReadonlyMap<OpenEventKind, string> {
  const files = new Map<OpenEventKind, string>()
  for (const name of names.toSorted()) {
    const kind = kindNamed(name.replace(/\.json$/i, ''))
    if (kind !== null) files.set(kind, name)
  }
  return files
}

/** Whether the keys of a JSON file's root are those of an Open Event export that is one file. */
export function isOpenEventRoot(keys: readonly string[]): boolean {
  const spelled = keys.map(snakeCase)
  const isEvent =
    spelled.includes('name') && (spelled.includes('starts_at') || spelled.includes('start_time'))
  return isEvent || spelled.includes('data') || spelled.includes('event')
}

/**
 * Shows each record of one file, which is a list, a JSON:API document, lists under their names, or one record.
 *
 * @param kind what the records are where neither a name nor a JSON:API type says it
 * @returns the kinds that the file speaks of, be it by an empty list
 */
export async function readOpenEventFile(
  source: Source,
  kind: OpenEventKind,
  visit: (kind: OpenEventKind, record: OpenEventRecord, place: string) => void,
): Promise<ReadonlySet<OpenEventKind>> {
  const { isList, keys } = await rootOf(source)
  const isDocument = keys.includes('data')
  const named = keys.flatMap((key) => (kindNamed(key) === null ? [] : [key]))
  const isNamed = !isDocument && keys.some((key) => kindNamed(key) === 'event')
  const kinds = new Set<OpenEventKind>(
    isNamed ? named.map((key) => kindNamed(key)!) : isDocument ? [] : [kind],
  )

  const paths = isList
    ? ['$.*']
    : isDocument
      ? ['$.data', '$.included.*']
      : isNamed
        ? named.map((key) => (kindNamed(key) === 'event' ? `$.${key}` : `$.${key}.*`))
        : ['$']
  await readJson(source, paths, (value, path) => {
    // Only the data of a JSON:API document and a named event may be a list here.
    const isWhole = path.length === 1 && Array.isArray(value)
    const found = isWhole
      ? value.map((inner: unknown, index) => [inner, [...path, index]] as const)
      : ([[value, path]] as const)
    for (const [item, itsPath] of found) {
      const place = [source.name, spelledPath(itsPath)].filter((part) => part !== '').join(' ')
      const record = recordOf(item)
      if (record === null) throw unreadable(place, 'is not a record in braces.')
      const itsKind = isDocument
        ? kindNamed(String(record['type']))
        : isNamed
          ? kindNamed(String(path[0]))
          : kind
      if (itsKind === null) continue
      kinds.add(itsKind)
      visit(itsKind, record, place)
    }
  })
  return kinds
}
