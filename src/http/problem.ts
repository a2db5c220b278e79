import { STATUS_CODES } from 'node:http'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { translateOutsideError } from '../graphql/error-translation.ts'
import { statusOfCode } from '../graphql/status.ts'

/** What is refused at an address that isn't GraphQL's is told as RFC 9457 has it: "detail" says what to do. */
export function answerProblem(log: Logger) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
    const { message, extensions = {} } = translateOutsideError(error, log)
    const { code, retryAfter, ...details } = extensions as { code: string; retryAfter?: number }
    request.outcome.errors = [code]
    if (retryAfter !== undefined) void reply.header('retry-after', retryAfter)
    // Only GraphQL has a status of its own for what is asked wrongly.
    const status = code === 'BAD_USER_INPUT' ? 400 : statusOfCode(code)
    if (status === 401) void reply.header('www-authenticate', 'Bearer')
    return sendProblem(reply, status, message, { code, ...details })
  }
}

export function sendProblem(
  reply: FastifyReply,
  status: number,
  detail: string,
  more: Readonly<Record<string, unknown>> = {},
): FastifyReply {
  const problem = { type: 'about:blank', title: STATUS_CODES[status], status, detail, ...more }
  return reply
    .code(status)
    .header('cache-control', 'no-store')
    .type('application/problem+json; charset=utf-8')
    .send(JSON.stringify(problem))
}
