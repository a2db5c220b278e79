import { type Entry, fromBufferPromise, openPromise, type ZipFile } from 'yauzl'
import { ApiError } from '../../errors.ts'
import { unreadable } from './faults.ts'
import { fileNameOf, type SentFile } from './source.ts'

/** The files of a ZIP archive, unpacked as they are read. */
export interface Archive {
  readonly names: readonly string[]
  /** The bytes of a file, as often as they are asked for. @throws BAD_USER_INPUT for more than is read of one archive */
  open(name: string): () => AsyncIterable<Buffer>
}

/** Of a ZIP archive: how many files it may have, and how many bytes those that are read may be once unpacked. */
const most = { files: 10_000, bytes: 64 * 1_048_576 }

/**
 * Does the work with the archive open. Nothing of it is written anywhere.
 *
 * @throws BAD_USER_INPUT for what is no such archive, is damaged or encrypted, has names that lead out of it, or is too much
 */
export async function withArchive<Result>(
  file: string | SentFile,
  work: (archive: Archive) => Promise<Result>,
): Promise<Result> {
  const name = fileNameOf(file)
  const options = { lazyEntries: true, autoClose: false }
  const opening =
    typeof file === 'string'
      ? openPromise(file, options)
      : fromBufferPromise(Buffer.from(file.bytes), options)
  const zip = await opening.catch(translate(name))
  try {
    if (zip.entryCount > most.files) throw tooMany(name, zip.entryCount)
    return await work(archiveOf(await entriesOf(zip).catch(translate(name)), zip, name))
  } finally {
    zip.close()
  }
}

async function entriesOf(zip: ZipFile): Promise<ReadonlyMap<string, Entry>> {
  const entries = new Map<string, Entry>()
  for await (const entry of zip.eachEntry()) entries.set(entry.fileName, entry)
  return entries
}

function archiveOf(entries: ReadonlyMap<string, Entry>, zip: ZipFile, name: string): Archive {
  let bytes = 0
  return {
    names: [...entries.keys()],
    open(file) {
      const entry = entries.get(file)!
      // No more comes out than the entry says: that is an error of the stream.
      bytes += entry.uncompressedSize
      if (bytes > most.bytes) throw tooLarge(name)
      return async function* () {
        try {
          yield* (await zip.openReadStreamPromise(entry)) as AsyncIterable<Buffer>
        } catch (error) {
          translate(`${name} ${file}`)(error)
        }
      }
    },
  }
}

function translate(place: string) {
  return (error: unknown): never => {
    if (!(error instanceof Error) || error instanceof ApiError) throw error
    throw unreadable(place, `can't be unpacked: ${error.message.replace(/\.$/, '')}.`, error)
  }
}

function tooMany(name: string, count: number): ApiError {
  const [found, allowed] = [count, most.files].map((number) => number.toLocaleString('en'))
  return unreadable(name, `is a ZIP archive of ${found} files, more than ${allowed}.`)
}

function tooLarge(name: string): ApiError {
  const allowed = most.bytes.toLocaleString('en')
  return unreadable(name, `is a ZIP archive whose programme has more than ${allowed} bytes once unpacked.`)
}
