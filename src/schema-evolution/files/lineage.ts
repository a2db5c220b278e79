import { createHash } from 'node:crypto'
import path from 'node:path'
import { textIfThere } from './change-files.ts'

/** The file in `prisma/migrations` that says which migration follows which: `NAME PARENT SHA256` a line. */
export const lineageFile = 'lineage'

/** The parent of the first migration, in the file and in the table `migration_lineage`. */
export const noParent = '-'

export interface LineageLine {
  readonly name: string
  readonly parent: string
  /** SHA-256 of migration.sql, as Prisma records it in `_prisma_migrations`. */
  readonly checksum: string
}

/** The lineage file can't be read for what it should say. */
export class LineageError extends Error {
  override readonly name = 'LineageError'
  readonly code: 'conflict-markers' | 'unreadable-lineage'

  constructor(code: LineageError['code'], message: string) {
    super(message)
    this.code = code
  }
}

/** Prisma's checksum of a migration: the SHA-256 of the file as it is. */
export function checksumOf(sql: string): string {
  return createHash('sha256').update(sql).digest('hex')
}

/** Whether git left both sides of a conflict in the text. */
export function hasConflictMarkers(text: string): boolean {
  return /^(<{7}|>{7})( |\r?$)/m.test(text)
}

/** @throws LineageError that names the line */
export function parseLineage(text: string): LineageLine[] {
  const seen = new Map<string, number>()
  return text.split(/\r?\n/).flatMap((content, index) => {
    const number = index + 1
    if (content === '' || content.startsWith('#')) return []
    if (hasConflictMarkers(content)) {
      throw new LineageError(
        'conflict-markers',
        `Line ${number} of prisma/migrations/${lineageFile} is a conflict marker of git: both branches added a ` +
          'migration, and one must follow the other.',
      )
    }
    const [, name, parent, checksum] = lineForm.exec(content) ?? []
    if (name === undefined || parent === undefined || checksum === undefined) {
      throw unreadable(number, `isn't "NAME PARENT SHA256": ${JSON.stringify(content)}`)
    }
    const before = seen.get(name)
    if (before !== undefined) throw unreadable(number, `repeats ${name} of line ${before}`)
    seen.set(name, number)
    return [{ name, parent, checksum }]
  })
}

/** The lines of migrations that follow each other in the order in which they are given. */
export function linesInOrder(scripts: ReadonlyMap<string, string | null>): LineageLine[] {
  const names = [...scripts.keys()]
  return names.map((name, index) => ({
    name,
    parent: names[index - 1] ?? noParent,
    checksum: checksumOf(scripts.get(name) ?? ''),
  }))
}

/** Where migrations stand that have the same parent, after their names. */
export function placeAfter(parent: string): string {
  return parent === noParent ? 'are first' : `follow ${parent}`
}

export function formatLineage(lines: readonly LineageLine[]): string {
  return lines.map(({ name, parent, checksum }) => `${name} ${parent} ${checksum}\n`).join('')
}

/**
 * @param folder `prisma/migrations`
 * @returns null where there is no lineage file
 * @throws LineageError
 */
export async function readLineage(folder: string): Promise<LineageLine[] | null> {
  const text = await readLineageText(folder)
  return text === null ? null : parseLineage(text)
}

export async function readLineageText(folder: string): Promise<string | null> {
  return textIfThere(path.join(folder, lineageFile))
}

const lineForm = /^(\S+) (\S+) ([0-9a-f]{64})$/

function unreadable(number: number, what: string): LineageError {
  return new LineageError('unreadable-lineage', `Line ${number} of prisma/migrations/${lineageFile} ${what}.`)
}
