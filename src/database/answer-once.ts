import { badUserInput, outcomeUnknown, unavailable } from '../errors.ts'
import type { Database, DatabaseTransaction } from './client.ts'
import { databaseFaultOf } from './faults.ts'

/** A request that is to act once, however often it is sent. */
export interface KeyedRequest {
  /** Whose key it is. */
  readonly actor: string
  readonly key: string
  /** SHA-256 of what is asked for. */
  readonly hash: Uint8Array<ArrayBuffer>
}

export interface KeptAnswer {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

/** What a request is answered now, and what it is to be answered when it comes again. */
export interface OnceAnswered {
  readonly answer: KeptAnswer
  readonly kept: KeptAnswer
}

/** An answer that says what went wrong: the work is undone, and the next try is a first one. */
export class FailedAnswer extends Error {
  override readonly name = 'FailedAnswer'
  readonly answer: KeptAnswer

  constructor(answer: KeptAnswer) {
    super('The request failed, so what it did is undone.')
    this.answer = answer
  }
}

/**
 * Does the work and keeps its answer in one transaction: an answer is kept if and only if what it tells of is, also
 * when the process dies half-way. A second request with the same key waits for the first; then it is given the same
 * answer (but for secrets, which are kept nowhere), or, where the first failed, is the first itself. Keys are kept for a day.
 *
 * @param work is given the transaction; throws FailedAnswer to undo what it did and to answer nevertheless
 * @throws BAD_USER_INPUT where the key came with another request before; UNAVAILABLE where the first runs on for too
 *   long, and where the connection is lost in COMMIT; what the work throws
 */
export async function answerOnce(
  db: Database,
  request: KeyedRequest,
  work: (tx: DatabaseTransaction) => Promise<OnceAnswered>,
): Promise<{ answer: KeptAnswer; isReplay: boolean }> {
  try {
    return await db.$transaction(
      async (tx) => {
        if (!(await claim(tx, request))) return { answer: await recall(tx, request), isReplay: true }
        const { answer, kept } = await work(tx)
        await keep(tx, request, kept)
        return { answer, isReplay: false }
      },
      { maxWait: 10_000, timeout: 30_000 },
    )
  } catch (error) {
    if (error instanceof FailedAnswer) return { answer: error.answer, isReplay: false }
    throw databaseFaultOf(error)?.kind === 'outcome unknown'
      ? outcomeUnknown(error, { isKeyed: true })
      : error
  }
}

/** Forgets every answer that was kept: what they tell may name a person who is to be erased. */
export async function forgetAnswers(db: DatabaseTransaction): Promise<number> {
  return (await db.idempotencyKey.deleteMany({})).count
}

/** Whether the key is this request's now. Waits while another request that has it is under way. */
async function claim(tx: DatabaseTransaction, { actor, key, hash }: KeyedRequest): Promise<boolean> {
  try {
    await tx.$executeRaw`SELECT set_config('lock_timeout', '10s', true)`
    const claimed = await tx.$queryRaw<unknown[]>`
      WITH expired AS (
        DELETE FROM idempotency_keys WHERE (actor, key) IN (
          SELECT actor, key FROM idempotency_keys
          WHERE created_at < now() - interval '1 day' AND (actor, key) <> (${actor}, ${key})
          LIMIT 50 FOR UPDATE SKIP LOCKED
        )
      )
      INSERT INTO idempotency_keys AS k (actor, key, request_hash, created_at) VALUES (${actor}, ${key}, ${hash}, now())
      ON CONFLICT (actor, key) DO UPDATE SET request_hash = excluded.request_hash, created_at = excluded.created_at
        WHERE k.created_at < now() - interval '1 day'
      RETURNING true`
    return claimed.length > 0
  } catch (error) {
    if (databaseFaultOf(error)?.kind !== 'given up') throw error
    throw unavailable('The first request with this Idempotency-Key is still under way.', { cause: error })
  }
}

async function recall(tx: DatabaseTransaction, { actor, key, hash }: KeyedRequest): Promise<KeptAnswer> {
  const kept = await tx.idempotencyKey.findUniqueOrThrow({ where: { actor_key: { actor, key } } })
  if (!Buffer.from(hash).equals(kept.requestHash)) {
    const message = 'was sent with another request before. Use a new key for each change.'
    throw badUserInput([{ path: ['Idempotency-Key'], message }])
  }
  const { status, contentType, response } = kept
  return { status: status!, contentType: contentType!, body: response! }
}

async function keep(
  tx: DatabaseTransaction,
  { actor, key }: KeyedRequest,
  answer: KeptAnswer,
): Promise<void> {
  const { status, contentType, body } = answer
  await tx.idempotencyKey.update({
    where: { actor_key: { actor, key } },
    data: { status, contentType, response: body },
    select: { key: true },
  })
}
