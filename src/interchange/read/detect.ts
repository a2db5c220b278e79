import { unreadable } from './faults.ts'
import { formats } from './formats.ts'
import { rootOf } from './json-values.ts'
import { isOpenEventRoot } from './open-event-files.ts'
import { beginningOf, glance, type Source } from './source.ts'

export type DetectedFormat = 'xml' | 'schedule.json' | 'open-event' | 'icalendar' | 'sessionize' | 'archive'

/**
 * Tells the format of a file by what is in it; its name counts for nothing.
 *
 * @throws BAD_USER_INPUT that says what it seems to be, where it is none that can be imported
 */
export async function detectFile(source: Source): Promise<DetectedFormat> {
  const beginning = await beginningOf(source)
  const text = glance(beginning).trimStart()
  if (text === '') throw unreadable(source.name, `is empty. ${formats}`)
  if (beginning.toString('latin1').startsWith('PK')) return 'archive'
  if (/^<(?:!doctype\s+html|html)\b/i.test(text)) throw unreadable(source.name, `is an HTML page. ${formats}`)
  if (text.startsWith('<')) return 'xml'
  if (/^BEGIN:VCALENDAR/i.test(text)) return 'icalendar'
  if (/^\[\s*\{\s*("date"[^]*?"rooms"|"group(Id|Name)"[^]*?"sessions")\s*:/.test(text)) return 'sessionize'
  if (text.startsWith('{') || text.startsWith('[')) return detectJson(source)
  throw unreadable(source.name, `${whatElse(beginning)}. ${formats}`)
}

async function detectJson(source: Source): Promise<DetectedFormat> {
  const isSchedule = (keys: readonly string[]) => keys.includes('schedule') || keys.includes('conference')
  const { isList, keys } = await rootOf(source, (some) => isSchedule(some) || isOpenEventRoot(some))
  if (isSchedule(keys)) return 'schedule.json'
  if (isList) {
    throw unreadable(
      source.name,
      'is one list; where it is part of an Open Event export, name the folder instead, and of Sessionize take all data.',
    )
  }
  if (isOpenEventRoot(keys)) return 'open-event'
  if (['sessions', 'speakers', 'rooms', 'categories'].every((key) => keys.includes(key))) {
    return 'sessionize'
  }
  const some = keys.slice(0, 8).map((key) => JSON.stringify(key))
  throw unreadable(
    source.name,
    `is JSON, but of an unknown kind (its keys are ${some.join(', ') || 'none'}). ${formats}`,
  )
}

function whatElse(beginning: Buffer): string {
  if (beginning[0] === 0x1f && beginning[1] === 0x8b) return 'is compressed by gzip; unpack it first'
  return "isn't a programme"
}
