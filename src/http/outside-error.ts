import type { FastifyError } from 'fastify'
import type { GraphQLFormattedError } from 'graphql'
import type { Logger } from 'pino'
import { translateOutsideError } from '../graphql/error-translation.ts'
import { graphqlResponse, statusOfCode, takesGraphqlResponse } from '../graphql/status.ts'
import type { HttpAnswer } from './answer.ts'
import type { ServedRequest } from './asking.ts'
import { bodyLimit } from './json-body.ts'

/** What fails before GraphQL begins is answered in GraphQL's form all the same. */
export function answerToError(
  error: Error & Pick<Partial<FastifyError>, 'statusCode'>,
  { headers, outcome }: Pick<ServedRequest, 'headers' | 'outcome'>,
  log: Logger,
): HttpAnswer {
  const takesOurs = takesGraphqlResponse(headers.accept)
  const { statusCode = 500 } = error
  const formatted =
    statusCode < 500
      ? { message: messageOf(statusCode, error), extensions: { code: 'BAD_REQUEST' } }
      : translateOutsideError(error, log)
  outcome.errors = [String(formatted.extensions?.['code'])]
  const status = statusCode < 500 ? statusCode : statusOf(formatted, takesOurs)
  const told = new Map<string, string>()
  const { retryAfter } = formatted.extensions ?? {}
  if (typeof retryAfter === 'number') told.set('retry-after', String(retryAfter))
  // RFC 9110 wants it with each 401. There is one only if a token was sent, which RFC 6750 calls invalid then.
  if (status === 401) told.set('www-authenticate', 'Bearer realm="Open Event", error="invalid_token"')
  told.set('content-type', `${takesOurs ? graphqlResponse : 'application/json'}; charset=utf-8`)
  told.set('cache-control', 'no-store')
  return { status, headers: told, body: JSON.stringify({ errors: [formatted] }) }
}

function messageOf(statusCode: number, { message }: Error): string {
  return statusCode === 413 ? `A request may have ${bodyLimit.toLocaleString('en')} bytes at most.` : message
}

function statusOf({ extensions }: GraphQLFormattedError, takesOurs: boolean): number {
  const code = String(extensions?.['code'])
  // To a client that knows no other statuses, 400 was always the answer.
  return code === 'QUERY_TOO_COMPLEX' && !takesOurs ? 400 : statusOfCode(code)
}
