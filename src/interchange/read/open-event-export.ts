import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { unreadable } from './faults.ts'
import type { FoundProgramme } from './found.ts'
import { openEventFiles } from './open-event-files.ts'
import { readOpenEventFiles } from './open-event-json.ts'
import type { ReadingListener } from './source.ts'
import type { Archive } from './zip.ts'

/** Reads an export that is a folder. @throws BAD_USER_INPUT */
export async function readOpenEventFolder(
  folder: string,
  listener: ReadingListener,
): Promise<FoundProgramme> {
  const names = openEventFiles(await readdir(folder))
  if (!names.has('event')) {
    const reason = 'has no event.json, so it is no Open Event export; for other formats, name the file.'
    throw unreadable(folder, reason)
  }
  const files = [...names].map(([kind, name]) => {
    return [kind, { name, bytes: () => createReadStream(path.join(folder, name)) }] as const
  })
  return readOpenEventFiles(new Map(files), folder, listener)
}

/** Reads an export as Open Event Server gives it, a ZIP archive of such a folder. @throws BAD_USER_INPUT */
export async function readOpenEventArchive(
  { archive, folder, name }: { archive: Archive; folder: string; name: string },
  listener: ReadingListener,
): Promise<FoundProgramme> {
  const namesThere = archive.names.filter((file) => path.posix.dirname(file) === folder)
  const files = [...openEventFiles(namesThere.map((file) => path.posix.basename(file)))].map(
    ([kind, file]) => {
      return [kind, { name: file, bytes: archive.open(path.posix.join(folder, file)) }] as const
    },
  )
  return readOpenEventFiles(new Map(files), name, listener)
}

/**
 * The folder of an archive in which the export lies: people pack the folder as well as what is in it. Null if there is none.
 *
 * @param name how the archive is called
 * @throws BAD_USER_INPUT if there is more than one
 */
export function exportIn({ names }: Archive, name: string): string | null {
  const events = names.filter((file) => openEventFiles([path.posix.basename(file)]).has('event'))
  const folders = [...new Set(events.map((file) => path.posix.dirname(file)))]
  const depth = (folder: string) => (folder === '.' ? 0 : folder.split('/').length)
  const [first, second] = folders.toSorted((a, b) => depth(a) - depth(b))
  if (first !== undefined && second !== undefined && depth(first) === depth(second)) {
    const reason = `has several Open Event exports in it: ${folders.slice(0, 3).join(', ')}.`
    throw unreadable(name, `${reason} Unpack it and import one of the folders.`)
  }
  return first ?? null
}
