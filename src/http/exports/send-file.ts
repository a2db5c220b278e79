import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Pieces, streamOf } from '../../interchange/write/blocks.ts'

/** A file as an answer; by HEAD without what is in it. */
interface SentFile {
  readonly contentType: string
  /** Of the words that we add, as a BCP 47 tag. */
  readonly language: string
  readonly fileName: string
  /** Not called for HEAD. */
  write(): Pieces
}

export function sendFile(
  { method }: FastifyRequest,
  reply: FastifyReply,
  { contentType, language, fileName, write }: SentFile,
): FastifyReply {
  void reply
    .type(contentType)
    .header('content-language', language)
    .header('content-disposition', `inline; filename="${fileName}"`)
  // A stream by HEAD, too: of an answer without one it would be said that it has 0 bytes.
  return reply.send(streamOf(method === 'HEAD' ? [] : write()))
}
