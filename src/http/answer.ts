import type { FastifyReply } from 'fastify'

/** What a request is answered, whoever writes it to the connection. */
export interface HttpAnswer {
  readonly status: number
  /** In the order in which they are sent. */
  readonly headers: ReadonlyMap<string, string>
  /** null: there is none, as with 304. */
  readonly body: string | Buffer | null
}

/** Sends an answer whose body is in its coding already, if it has one. */
export function sendAnswer(reply: FastifyReply, { status, headers, body }: HttpAnswer): FastifyReply {
  for (const [name, value] of headers) void reply.header(name, value)
  return reply.code(status).send(body ?? undefined)
}
