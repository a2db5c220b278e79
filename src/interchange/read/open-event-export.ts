import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { unreadable } from './faults.ts'
import { formats } from './formats.ts'
import type { FoundProgramme } from './found.ts'
import { openEventFiles } from './open-event-files.ts'
import { readOpenEventFiles } from './open-event-json.ts'
import type { ReadingListener } from './source.ts'
import { withArchive } from './zip.ts'

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
export async function readOpenEventArchive(file: string, listener: ReadingListener): Promise<FoundProgramme> {
  const archiveName = path.basename(file)
  return withArchive(file, async (archive) => {
    const folder = folderOf(archive.names)
    const namesThere = archive.names.filter((name) => path.posix.dirname(name) === folder)
    const names = openEventFiles(namesThere.map((name) => path.posix.basename(name)))
    if (!names.has('event')) {
      const reason = `is a ZIP archive without an event.json, so it is no Open Event export. ${formats}`
      throw unreadable(archiveName, reason)
    }
    const files = [...names].map(([kind, name]) => {
      return [kind, { name, bytes: archive.open(path.posix.join(folder, name)) }] as const
    })
    return readOpenEventFiles(new Map(files), archiveName, listener)
  })
}

/** Where in an archive the event lies: people pack the folder as well as what is in it. */
function folderOf(names: readonly string[]): string {
  const folders = names.map((name) => path.posix.dirname(name))
  const ofEvents = folders.filter((_, index) =>
    openEventFiles([path.posix.basename(names[index]!)]).has('event'),
  )
  return ofEvents.toSorted((a, b) => a.length - b.length)[0] ?? '.'
}
