import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { projectFolder } from '../../src/config.ts'

/** What stands on which floor of src/, the lowest first; a folder ends in a slash. */
const floors = [
  [
    'addresses.ts',
    'between-others.ts',
    'errors.ts',
    'config.ts',
    'cursor.ts',
    'paging.ts',
    'keyset.ts',
    'filters.ts',
    'input.ts',
    'is-record.ts',
    'links.ts',
    'text.ts',
    'directions.ts',
    'log.ts',
    'recent.ts',
    'remembering.ts',
    'time/',
    'markup/',
    'generated/',
  ],
  [
    'database/',
    'schema-evolution/',
    'interchange/',
    'selection/',
    'compiled/',
    'live/',
    'webhooks/',
    'tracing/',
  ],
  ['context.ts', 'access/'],
  ['features/'],
  ['graphql/'],
  ['http/'],
  ['app.ts'],
  ['main.ts', 'run.mjs', 'cli/'],
]

/**
 * What other features may import of features/<noun>/: its verbs (those on zones and on the past, and those that hold
 * rows, are files of their own), rules, who sees what, lists, selection, and what it is in SQL.
 */
const openToFeatures =
  /^features\/([^/]+)\/(\1|[^/]+\.(zone|past|hold|rules|sight|list|fields|conflict|connection|selection|compiled))\.ts$/

const leftovers = /(^|[.-])(utils?|helpers?|common|misc|core|libs?|managers?|services?)([.-]|$)/i

const sources = filesIn('src').filter((file) => /\.(ts|mjs)$/.test(file) && !file.startsWith('generated/'))
const imports = sources.flatMap(importsOf)

describe('in src/', () => {
  test('every file has a floor', () => {
    expect(sources.filter((file) => floorOf(file) === -1)).toEqual([])
  })

  test('an import stays on its floor or goes down', () => {
    expect(imports.filter(({ file, to }) => floorOf(to) === -1 || floorOf(to) > floorOf(file))).toEqual([])
  })

  test("a feature imports another one's verbs, rules, lists and selection, nothing else", () => {
    const between = imports.filter(({ file, to }) => ![null, featureOf(file)].includes(featureOf(to)))
    const fromFeatures = between.filter(({ file }) => featureOf(file) !== null)
    expect(fromFeatures.filter(({ to }) => !openToFeatures.test(to))).toEqual([])
  })

  test('no values are imported in a circle', () => {
    expect(sources.flatMap((file) => circleFrom(file) ?? [])).toEqual([])
  })

  test('the rooms of schema-evolution/ import nothing in a circle, types included', () => {
    const rooms = new Map<string, Set<string>>()
    for (const { file, to } of imports) {
      const [from, other] = [evolutionRoomOf(file), evolutionRoomOf(to)]
      if (from !== null && other !== null && from !== other)
        rooms.set(from, (rooms.get(from) ?? new Set()).add(other))
    }
    expect(rooms.size).toBeGreaterThan(5)
    const reach = (room: string, seen = new Set<string>()): Set<string> => {
      for (const other of rooms.get(room) ?? []) if (!seen.has(other)) reach(other, seen.add(other))
      return seen
    }
    expect([...rooms.keys()].filter((room) => reach(room).has(room))).toEqual([])
    // Everything lies in a room.
    expect(sources.filter((file) => /^schema-evolution\/[^/]+$/.test(file))).toEqual([])
  })

  test('resolvers know neither Prisma nor SQL', () => {
    const resolvers = sources.filter((file) => file.endsWith('.resolvers.ts'))
    const knowing = resolvers.filter((file) =>
      /\bdb\b|\$(query|execute)|generated\/prisma|database\//.test(read(file)),
    )
    expect(knowing).toEqual([])
  })
})

test('nothing in src/ and test/ is named for leftovers', () => {
  const names = [...filesIn('src'), ...filesIn('test')].filter((file) => !file.startsWith('generated/'))
  expect(names.filter((file) => file.split('/').some((name) => leftovers.test(name)))).toEqual([])
})

interface Import {
  readonly file: string
  readonly to: string
  readonly isOfTypesOnly: boolean
}

/** The imports of files of ours; paths are relative to src/. */
function importsOf(file: string): Import[] {
  const statement =
    /^(?:import|export)\s(type\s)?[^'";]*?\sfrom\s'(\.[^']+)'|^import\s'(\.[^']+)'|\bimport\('(\.[^']+)'\)/gm
  return [...read(file).matchAll(statement)].map(([, type, from, bare, dynamic]) => ({
    file,
    to: path.posix.join(path.posix.dirname(file), (from ?? bare ?? dynamic)!),
    isOfTypesOnly: type !== undefined,
  }))
}

function floorOf(file: string): number {
  return floors.findIndex((places) =>
    places.some((place) => (place.endsWith('/') ? file.startsWith(place) : file === place)),
  )
}

function featureOf(file: string): string | null {
  return /^features\/([^/]+)\//.exec(file)?.[1] ?? null
}

function evolutionRoomOf(file: string): string | null {
  return /^schema-evolution\/([^/]+)\//.exec(file)?.[1] ?? null
}

/** 'a.ts > b.ts > a.ts', or null where no chain of imports leads back to the file. */
function circleFrom(start: string, file = start, seen = new Set<string>()): string | null {
  for (const { to } of imports.filter((one) => one.file === file && !one.isOfTypesOnly)) {
    if (to === start) return `${file} > ${to}`
    if (seen.has(to)) continue
    seen.add(to)
    const rest = circleFrom(start, to, seen)
    if (rest !== null) return `${file} > ${rest}`
  }
  return null
}

/** Without packages that others wrote: the contestants of the benchmark are a package of their own. */
function filesIn(folder: string): string[] {
  return readdirSync(path.join(projectFolder, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => file.split(path.sep).join('/'))
    .filter((file) => !/(^|\/)(node_modules|contestants\/generated)\//.test(file))
}

function read(file: string): string {
  return readFileSync(path.join(projectFolder, 'src', file), 'utf8')
}
