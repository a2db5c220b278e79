import { stat } from 'node:fs/promises'
import { detectFile } from './detect.ts'
import { type Fault, unreadable } from './faults.ts'
import { readFrabXml } from './frab-xml.ts'
import { readICalendar } from './icalendar.ts'
import { readOpenEventArchive, readOpenEventFolder } from './open-event-export.ts'
import { readOpenEventSource } from './open-event-json.ts'
import type { FoundProgramme } from './found.ts'
import { readScheduleJson } from './schedule-json.ts'
import { readSessionize } from './sessionize-json.ts'
import { type ReadingListener, sourceOf } from './source.ts'

/**
 * Reads a programme out of a file, or out of a folder or a ZIP archive with an Open Event export, in whichever of the known
 * formats it is written. Reading knows nothing of the database, and leaves out nothing: faults stay with the parts that have
 * them.
 *
 * @param onBytes told again and again how many bytes were read
 * @throws BAD_USER_INPUT with the place in the file where it can't be read at all
 */
export async function readProgramme(
  path: string,
  onBytes: (bytes: number) => void = () => {},
): Promise<FoundProgramme> {
  const mended: Fault[] = []
  const onMended = (place: string, what: string) => void mended.push({ place, reason: `${what}.` })
  const programme = await readKnownFormat(path, { onBytes, onMended })
  return { ...programme, told: [...mended, ...programme.told] }
}

async function readKnownFormat(path: string, listener: ReadingListener): Promise<FoundProgramme> {
  const stats = await stat(path).catch((error: unknown) => {
    throw unreadable(path, 'is neither a file nor a folder that can be read.', error)
  })
  if (stats.isDirectory()) return readOpenEventFolder(path, listener)
  const source = sourceOf(path, listener)
  switch (await detectFile(source)) {
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
    case 'archive':
      return readOpenEventArchive(path, listener)
  }
}
