import { stat } from 'node:fs/promises'
import { type DetectedFormat, detectFile } from './detect.ts'
import { type Fault, unreadable } from './faults.ts'
import { readFrabXml } from './frab-xml.ts'
import { readICalendar } from './icalendar.ts'
import { exportIn, readOpenEventArchive, readOpenEventFolder } from './open-event-export.ts'
import { readOpenEventSource } from './open-event-json.ts'
import type { FoundProgramme } from './found.ts'
import { programmeIn } from './programme-in-archive.ts'
import { readScheduleJson } from './schedule-json.ts'
import { readSessionize } from './sessionize-json.ts'
import { fileNameOf, type ReadingListener, type SentFile, type Source, sourceOf } from './source.ts'
import { type Archive, withArchive } from './zip.ts'

/**
 * Reads a programme out of a file, an Open Event export that is a folder, or a ZIP archive of one of these, in whichever of the
 * known formats it is written. Reading knows nothing of the database, and leaves out nothing: faults stay with the parts that have
 * them.
 *
 * @param file its path, or a file that was sent
 * @param onBytes told again and again how many bytes were read
 * @throws BAD_USER_INPUT with the place in the file where it can't be read at all
 */
export async function readProgramme(
  file: string | SentFile,
  onBytes: (bytes: number) => void = () => {},
): Promise<FoundProgramme> {
  const mended: Fault[] = []
  const onMended = (place: string, what: string) => void mended.push({ place, reason: `${what}.` })
  const programme = await readKnownFormat(file, { onBytes, onMended })
  return { ...programme, told: [...mended, ...programme.told] }
}

async function readKnownFormat(file: string | SentFile, listener: ReadingListener): Promise<FoundProgramme> {
  if (typeof file === 'string' && (await isFolder(file))) return readOpenEventFolder(file, listener)
  const source = sourceOf(file, listener)
  const format = await detectFile(source)
  if (format !== 'archive') return readAs(format, source)
  return withArchive(file, (archive) => readArchive(archive, fileNameOf(file), listener))
}

/** @throws BAD_USER_INPUT for what isn't there, and for a pipe or a device, which can be read once, if it ends at all */
async function isFolder(file: string): Promise<boolean> {
  const stats = await stat(file).catch((error: unknown) => {
    throw unreadable(file, 'is neither a file nor a folder that can be read.', error)
  })
  if (!stats.isDirectory() && !stats.isFile()) {
    throw unreadable(file, 'is no file that can be read more than once. Save what it gives, and import that.')
  }
  return stats.isDirectory()
}

async function readArchive(
  archive: Archive,
  name: string,
  listener: ReadingListener,
): Promise<FoundProgramme> {
  const folder = exportIn(archive, name)
  if (folder !== null) return readOpenEventArchive({ archive, folder, name }, listener)
  const { format, source, told } = await programmeIn(archive, name, listener)
  const programme = await readAs(format, source)
  return { ...programme, told: [...told, ...programme.told] }
}

function readAs(format: Exclude<DetectedFormat, 'archive'>, source: Source): Promise<FoundProgramme> {
  switch (format) {
    case 'xml':
      return readFrabXml(source)
    case 'schedule.json':
      return readScheduleJson(source)
    case 'open-event':
      return readOpenEventSource(source)
    case 'icalendar':
      return readICalendar(source)
    case 'sessionize':
      return readSessionize(source)
  }
}
