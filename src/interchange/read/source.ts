import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import { unreadable } from './faults.ts'
import { withoutControls } from './mended-text.ts'

/** One file of a programme. */
export interface Source {
  /** How faults call it: the file's name alone, or 'sessions.json' of an export that is a folder. */
  readonly name: string
  /** Its bytes, from the first one on, as often as it is called. */
  readonly bytes: () => AsyncIterable<Buffer>
  /** Who listens; nobody where a file is only looked at. */
  readonly listener?: ReadingListener
}

/** A file that was sent, in memory. */
export interface SentFile {
  readonly name: string
  readonly bytes: Uint8Array
}

export interface ReadingListener {
  /** Told after each piece how many bytes were read. */
  readonly onBytes: (bytes: number) => void
  /** Told what was mended without changing how it reads. */
  readonly onMended: (place: string, what: string) => void
}

/**
 * The file's text, piece by piece and without a byte order mark. The encoding is the one of the byte order mark, or
 * UTF-16 where the first bytes are of that, or the one that an XML declaration names, or UTF-8.
 *
 * @throws BAD_USER_INPUT where the bytes aren't text in that encoding: half-read names would be worse
 */
export async function* textOf(source: Source): AsyncGenerator<string> {
  const decoder = new TextDecoder(encodingOf(await beginningOf(source), source), { fatal: true })
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
  const tell = (what: string) => source.listener?.onMended(source.name, what)
  for await (const bytes of source.bytes()) {
    // Line by line, so that what is no text has its place.
    yield withoutControls(linesOf(bytes).map(decode).join(''), tell)
    bytesRead += bytes.length
    source.listener?.onBytes(bytesRead)
  }
  yield withoutControls(decode(), tell)
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
  return new TextDecoder(unicodeOf(beginning) ?? 'utf-8').decode(beginning)
}

/** @param file its path, or the file itself */
export function sourceOf(file: string | SentFile, listener: ReadingListener): Source {
  const bytes = typeof file === 'string' ? () => createReadStream(file) : () => piecesOf(file)
  return { name: fileNameOf(file), bytes, listener }
}

export function fileNameOf(file: string | SentFile): string {
  return typeof file === 'string' ? basename(file) : file.name
}

async function* piecesOf({ bytes }: SentFile): AsyncGenerator<Buffer> {
  yield Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

function encodingOf(beginning: Buffer, { name, listener }: Source): string {
  const declared = /^\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.:-]+)["']/.exec(
    beginning.toString('latin1').replace('ï»¿', ''),
  )
  const label = unicodeOf(beginning) ?? declared?.[1] ?? 'utf-8'
  try {
    const { encoding } = new TextDecoder(label)
    // In UTF-16 the declaration couldn't have been read as it was.
    if (label !== declared?.[1] || !encoding.startsWith('utf-16')) return encoding
    listener?.onMended(name, `read as UTF-8, although it says that it is ${label}`)
    return 'utf-8'
  } catch (error) {
    throw unreadable(name, `is in the unknown encoding ${JSON.stringify(label)}; save it as UTF-8.`, error)
  }
}

/** The encoding that the byte order mark tells; without one, two ASCII characters in UTF-16, as each format begins. */
function unicodeOf([first, second, third, fourth]: Buffer): string | null {
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8'
  if (first === 0xff && second === 0xfe) return 'utf-16le'
  if (first === 0xfe && second === 0xff) return 'utf-16be'
  if (first && second === 0 && third && fourth === 0) return 'utf-16le'
  if (first === 0 && second && third === 0 && fourth) return 'utf-16be'
  return null
}
