import { Readable } from 'node:stream'

/** A file that is made as it is taken: texts, or bytes if it is no text. */
export type Pieces = Iterable<string> | AsyncIterable<Uint8Array>

/** The file as bytes, texts in blocks as a connection likes them. */
export function streamOf(pieces: Pieces): Readable {
  const bytes = Symbol.asyncIterator in pieces ? pieces : inBlocks(pieces)
  return Readable.from(bytes, { objectMode: false })
}

function* inBlocks(texts: Iterable<string>): Generator<Buffer> {
  let block = ''
  for (const text of texts) {
    block += text
    if (block.length < blockSize) continue
    yield Buffer.from(block)
    block = ''
  }
  if (block !== '') yield Buffer.from(block)
}

const blockSize = 32_768
