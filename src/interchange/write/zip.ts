import { PassThrough, type Readable } from 'node:stream'
import { ZipFile } from 'yazl'
import { streamOf } from './blocks.ts'

/** A ZIP archive of these files, packed as it is taken. The same files give the same bytes at any time. */
export function zip(files: Readonly<Record<string, Iterable<string>>>): Readable {
  const archive = new ZipFile()
  const written = archive.outputStream.pipe(new PassThrough())
  archive.on('error', (error: Error) => written.destroy(error))
  for (const [name, pieces] of Object.entries(files)) {
    archive.addReadStreamLazy(name, always, (give) => give(null, streamOf(pieces)))
  }
  archive.end()
  return written
}

/** The first time that the format has, which it has without a zone, so it is that of any server. */
const always = { mtime: new Date(1980, 0, 1), mode: 0o100644, forceDosTimestamp: true }
