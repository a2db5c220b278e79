import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { nameOf, pairDirections } from '../../directions.ts'
import { unreadable } from './faults.ts'

/** One file of a programme. */
export interface Source {
  /** How faults call it: the file's name alone, or 'sessions.json' of an export that is a folder. */
  readonly name: string
  /** Its bytes, from the first one on, as often as it is called. */
  readonly bytes: () => AsyncIterable<Buffer>
  /** Who listens; nobody where a file is only looked at. */
  readonly listener?: ReadingListener
}

export interface ReadingListener {
  /** Told after each piece how many bytes were read. */
  readonly onBytes: (bytes: number) => void
  /** Told what was mended without changing how it reads. */
  readonly onMended: (place: string, what: string) => void
}

/**
 * The file's text, piece by piece and without a byte order mark. The encoding is the one of the byte order mark, or
 * the one that an XML declaration names, or UTF-8.
 *
 * @throws BAD_USER_INPUT where the bytes aren't text in that encoding: half-read names would be worse
 */
export async function* textOf(source: Source): AsyncGenerator<string> {
  const decoder = new TextDecoder(encodingOf(await beginningOf(source), source.name), { fatal: true })
  let bytesRead = 0
  let line = 1
  const decode = (bytes?: Uint8Array): string => {
    try {
      const text = bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true })
      if (bytes?.at(-1) === lineFeed) line += 1
      return text
    } catch (error) {
      const reason = `isn't text in ${decoder.encoding}; save it as UTF-8.`
      throw unreadable(`${source.name} line ${line}`, reason, error)
    }
  }
  for await (const bytes of source.bytes()) {
    // Line by line, so that what is no text has its place.
    yield withoutControls(linesOf(bytes).map(decode).join(''), source)
    bytesRead += bytes.length
    source.listener?.onBytes(bytesRead)
  }
  yield withoutControls(decode(), source)
}

const lineFeed = 0x0a

function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = []
  for (let begin = 0; begin < bytes.length;) {
    const end = bytes.indexOf(lineFeed, begin) + 1 || bytes.length
    lines.push(bytes.subarray(begin, end))
    begin = end
  }
  return lines
}

/** Without what neither XML nor JSON may hold, and nobody sees: one would make the whole file unreadable. */
function withoutControls(text: string, { name, listener }: Source): string {
  return text.replace(controls, (control) => {
    listener?.onMended(name, `left out the control character ${nameOf(control)}`)
    return ''
  })
}

// oxlint-disable-next-line no-control-regex
const controls = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g
// oxlint-disable-next-line no-control-regex
const hidden = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\uFFFE\uFFFF]/g

/** The first kilobyte, which is enough to tell what a file is. */
export async function beginningOf({ bytes }: Source): Promise<Buffer> {
  let beginning = Buffer.alloc(0)
  for await (const piece of bytes()) {
    beginning = Buffer.concat([beginning, piece])
    if (beginning.length >= 1024) break
  }
  return beginning.subarray(0, 1024)
}

/** The beginning as text, in whichever encoding, for looking at. */
export function glance(beginning: Buffer): string {
  return new TextDecoder(byteOrderMark(beginning) ?? 'utf-8').decode(beginning)
}

export function sourceOf(path: string, listener: ReadingListener): Source {
  return { name: basename(path), bytes: () => createReadStream(path), listener }
}

/** A text of the file without control characters, and with its directional marks in pairs. */
export function mendedText(text: string, place: string, { listener }: Source): string {
  const tell = (what: string) => listener?.onMended(place, what)
  const visible = text.replace(hidden, (control) => {
    tell(`left out the control character ${nameOf(control)}`)
    return ''
  })
  return pairDirections(visible, tell)
}

/** Whether a code point is one that no XML may hold, and nobody sees. */
export function isControl(code: number): boolean {
  return code <= 0xffff && String.fromCharCode(code).search(controls) === 0
}

function encodingOf(beginning: Buffer, name: string): string {
  const declared = /^\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)["']/.exec(
    beginning.toString('latin1').replace('ï»¿', ''),
  )
  const label = byteOrderMark(beginning) ?? declared?.[1] ?? 'utf-8'
  try {
    return new TextDecoder(label).encoding
  } catch (error) {
    throw unreadable(name, `is in the unknown encoding ${JSON.stringify(label)}; save it as UTF-8.`, error)
  }
}

function byteOrderMark(beginning: Buffer): string | null {
  if (beginning[0] === 0xef && beginning[1] === 0xbb && beginning[2] === 0xbf) return 'utf-8'
  if (beginning[0] === 0xff && beginning[1] === 0xfe) return 'utf-16le'
  if (beginning[0] === 0xfe && beginning[1] === 0xff) return 'utf-16be'
  return null
}
