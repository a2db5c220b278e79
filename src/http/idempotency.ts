import { createHash } from 'node:crypto'
import type { ApolloServer } from '@apollo/server'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { getOperationAST, parse } from 'graphql'
import { actorName } from '../access/viewer.ts'
import { type Context, signTransaction } from '../context.ts'
import { answerOnce, FailedAnswer, type KeptAnswer } from '../database/answer-once.ts'
import type { Database } from '../database/client.ts'
import { badUserInput } from '../errors.ts'
import { askApollo } from './apollo-request.ts'
import type { WellFormed } from './well-formed.ts'

/**
 * The `Idempotency-Key` of a request, bare or as a quoted string; null where there is none, and where it means nothing:
 * with a query, and for the anonymous, who may change nothing.
 *
 * @throws BAD_USER_INPUT
 */
export function idempotencyKeyOf({ headers, asked, viewer }: FastifyRequest): string | null {
  const header = headers['idempotency-key']
  if (header === undefined || viewer.kind === 'anonymous' || !isMutation(asked)) return null
  const [, quoted, bare] =
    /^(?:"([\x21\x23-\x7e]{1,255})"|([\x21\x23-\x7e]{1,255}))$/.exec(String(header)) ?? []
  const key = quoted ?? bare
  if (key !== undefined) return key
  const message = 'must be 1 to 255 visible ASCII characters, such as a UUID, anew for each change.'
  throw badUserInput([{ path: ['Idempotency-Key'], message }])
}

/**
 * Answers a mutation that has a key: the whole operation is one transaction, so it takes place with its answer or not
 * at all, errors in a part of it included.
 */
export async function answerKeyed(
  apollo: ApolloServer<Context>,
  db: Database,
  { key, request, reply }: { key: string; request: FastifyRequest; reply: FastifyReply },
  contextFor: (db: Context['db']) => Context,
): Promise<string> {
  request.outcome.changes = true
  const keyed = { actor: actorName(request.viewer), key, hash: hashOf(request.asked) }
  const { answer, isReplay } = await answerOnce(db, keyed, async (tx) => {
    const context = contextFor(tx)
    await signTransaction(tx, context)
    const answer = await executed(apollo, request, context)
    return { answer, kept: { ...answer, body: withoutSecrets(answer.body, context.shownOnce) } }
  })
  request.outcome.replayed = isReplay || undefined
  if (isReplay) void reply.header('idempotency-replayed', 'true')
  void reply.code(answer.status).header('content-type', answer.contentType)
  return answer.body
}

async function executed(
  apollo: ApolloServer<Context>,
  { headers, asked }: FastifyRequest,
  context: Context,
): Promise<KeptAnswer> {
  const { status, headers: told, body } = await askApollo(apollo, { headers, asked, isSafe: false }, context)
  const answer = { status, contentType: told.get('content-type') ?? 'application/json; charset=utf-8', body }
  const { data, errors } = JSON.parse(answer.body) as { data?: unknown; errors?: unknown[] }
  if (errors === undefined) return answer
  // What is undone must not be told as done.
  const undone = data === undefined ? { errors } : { data: null, errors }
  throw new FailedAnswer({ ...answer, body: `${JSON.stringify(undone)}\n` })
}

/** A secret is shown once and stored nowhere: kept is that there was one. */
function withoutSecrets(body: string, secrets: readonly string[]): string {
  return secrets.reduce((text, secret) => text.replaceAll(JSON.stringify(secret), 'null'), body)
}

/** What can't be parsed is for Apollo to refuse. */
function isMutation({ query, operationName }: WellFormed): boolean {
  if (query === null) return false
  try {
    const document = parse(query, { noLocation: true })
    return getOperationAST(document, operationName)?.operation === 'mutation'
  } catch {
    return false
  }
}

/** @throws BAD_USER_INPUT for variables that are nested too deep to be written down */
function hashOf({ query, operationName, variables }: WellFormed): Uint8Array<ArrayBuffer> {
  try {
    const text = JSON.stringify([query, operationName, variables])
    return new Uint8Array(createHash('sha256').update(text).digest())
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw badUserInput([{ path: ['variables'], message: 'are nested too deep.' }])
  }
}
