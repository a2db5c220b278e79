import path from 'node:path'
import { ApiError } from '../../errors.ts'
import { type DetectedFormat, detectFile } from './detect.ts'
import { type Fault, unreadable } from './faults.ts'
import { formats } from './formats.ts'
import { beginningOf, glance, type ReadingListener, type Source } from './source.ts'
import type { Archive } from './zip.ts'

interface ArchivedProgramme {
  readonly source: Source
  readonly format: Exclude<DetectedFormat, 'archive'>
  /** What else is in the archive, if anything is. */
  readonly told: readonly Fault[]
}

/**
 * The one file of an archive that is a programme.
 *
 * @param name how the archive is called
 * @throws BAD_USER_INPUT if none is, or more than one
 */
export async function programmeIn(
  archive: Archive,
  name: string,
  listener: ReadingListener,
): Promise<ArchivedProgramme> {
  const files = archive.names.filter(isSomebodysFile)
  const found: Omit<ArchivedProgramme, 'told'>[] = []
  const candidates = files.filter(mayBeProgramme)
  for (const file of candidates) {
    const source = { name: file, bytes: archive.open(file), listener }
    const format = await (candidates.length === 1 ? detectFile(source) : formatOf(source))
    if (format !== null && format !== 'archive') found.push({ source, format })
  }
  const [only, ...more] = found
  if (only === undefined) {
    const reason =
      files.length === 0 ? 'is a ZIP archive without files.' : `has no programme in it, just ${few(files)}.`
    throw unreadable(name, `${reason} ${formats}`)
  }
  if (more.length > 0) {
    const names = few(found.map(({ source }) => source.name))
    throw unreadable(name, `has several programmes in it: ${names}. Unpack it and import one of them.`)
  }
  const others = files.filter((file) => file !== only.source.name)
  const reason = `was read out of ${name}, and ${few(others)} beside it was not.`
  return { ...only, told: others.length === 0 ? [] : [{ place: only.source.name, reason }] }
}

/** Folders, and what file managers add. */
function isSomebodysFile(name: string): boolean {
  return !name.endsWith('/') && name.split('/').every((step) => !step.startsWith('.') && step !== '__MACOSX')
}

function mayBeProgramme(name: string): boolean {
  return ['', '.xml', '.json', '.ics', '.ical', '.txt'].includes(path.posix.extname(name).toLowerCase())
}

/** Null for what is no programme, which is no fault beside other files. */
async function formatOf(source: Source): Promise<DetectedFormat | null> {
  try {
    const format = await detectFile(source)
    return format === 'xml' && !isSchedule(glance(await beginningOf(source))) ? null : format
  } catch (error) {
    if (error instanceof ApiError) return null
    throw error
  }
}

/** Office documents and pictures are XML, too. */
function isSchedule(beginning: string): boolean {
  return /<(?:[\w-]+:)?schedule[\s>]/.test(beginning)
}

/** 'a.xml, b.json, c.txt and 4 more' */
function few(names: readonly string[]): string {
  const rest = names.length - 3
  return names.slice(0, 3).join(', ') + (rest > 0 ? ` and ${rest} more` : '')
}
