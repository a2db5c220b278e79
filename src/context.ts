import { randomUUID } from 'node:crypto'
import type { Logger } from 'pino'
import { isRevoked, tokenRevoked, viewerNow } from './access/tokens.ts'
import { actorName, operator, type Viewer } from './access/viewer.ts'
import type { Network } from './addresses.ts'
import type { Database, DatabaseTransaction } from './database/client.ts'
import type { ReadStatement } from './database/read-text.ts'
import type { Snapshot } from './database/snapshot.ts'
import { newWork, type Work } from './database/work.ts'
import type { Stream } from './live/streams.ts'
import type { Batches } from './selection/batch.ts'

/** What is known of a request beyond HTTP. */
export interface RequestOutcome extends Work {
  viewer?: string
  operation?: string
  errors?: string[]
  /** What its operation may cost at most, in points: about microseconds of the server's time. */
  cost?: number
  /** How many speakers its sessions have shown so far. */
  speakers?: number
  /** Whether the answer was one that had been kept. */
  replayed?: boolean | undefined
  /** Whether the answer was one that had been made for another request, or the client's own still held. */
  kept?: 'given' | 'not modified'
  /** Its turn to begin, if it is a query. */
  admitted?: Promise<() => void>
  /** To be called when the answer is there: others may begin. */
  leave?: () => void
  /** Ends the trace's span of its operation, with the codes of the answer's errors. */
  operationEnded?: ((errors: readonly string[]) => void) | undefined
}

/** A text that is read by the statement of an answer. */
export interface Beside {
  /** Gives one row of one text. */
  readonly statement: ReadStatement
  /** Set once it was read: null if there was none. */
  found?: string | null
}

/** What a resolver and a verb are given: one request's view of the world. */
export interface Context {
  /** Who asks; renewed where the request itself changes what they are. */
  readonly viewer: Viewer
  /** The extended Prisma client, or the transaction that this context lives in. */
  readonly db: Database | DatabaseTransaction
  readonly clock: () => Date
  readonly log: Logger
  readonly requestId: string
  readonly batches: Batches
  /** Filled while the request runs: what it does in the database, and what its one log line says. */
  readonly outcome: RequestOutcome
  /** What a query reads from instead of `db`, so that all of it is of one moment; opened once the query may begin. */
  readonly snapshot?: Snapshot
  /** What is read beside the answer, of the same moment, if one statement reads it. */
  readonly beside?: Beside
  /** Secrets that the answer holds; whoever keeps the answer leaves them out. */
  readonly shownOnce: string[]
  /** Where webhooks may go besides the public internet. */
  readonly webhookNetworks: readonly Network[]
  /** Of a subscription only: what tells it that there is something to read, and the cursor that its client came back with. */
  readonly following?: { readonly stream: Stream; readonly lastEventId: string | null }
}

/** The context of a command that the operator runs: it may do everything. */
export function operatorContext(db: Database, log: Logger): Context {
  return {
    viewer: operator,
    db,
    clock: () => new Date(),
    log,
    requestId: randomUUID(),
    batches: new Map(),
    outcome: newWork('operator'),
    shownOnce: [],
    webhookNetworks: [],
  }
}

/**
 * Runs the work in one transaction: all of it is written or nothing. Inside, only the context that the work is given
 * reaches the transaction. In a context that is already in one, the work is a savepoint of it: if it fails, it alone is
 * undone, and the transaction can go on.
 *
 * The transaction is told who acts and in which request; the triggers write both into the history.
 *
 * @param options.timeout milliseconds after which it is given up; a client waits for it, so it is short unless said
 */
export async function inTransaction<Result>(
  context: Context,
  work: (context: Context) => Promise<Result>,
  { timeout = 30_000 }: { timeout?: number } = {},
): Promise<Result> {
  return context.db.$transaction(
    async (db) => {
      await signTransaction(db, context)
      return work({ ...context, db })
    },
    { maxWait: 10_000, timeout },
  )
}

/**
 * Reads in one transaction that sees the database as it is at its first statement, whatever is committed meanwhile. Not
 * for a context that is already in a transaction: what that sees can't be changed any more.
 */
export async function inSnapshot<Result>(
  context: Context,
  work: (context: Context) => Promise<Result>,
): Promise<Result> {
  return context.db.$transaction(async (db) => work({ ...context, db }), {
    isolationLevel: 'RepeatableRead',
    maxWait: 10_000,
    timeout: 30_000,
  })
}

/**
 * For a mutation that changed what the viewer is: what it answers, and the mutations after it in the request, are for
 * what the viewer is by now. One statement; none for who has neither a user nor a token.
 *
 * @param context the request's own, which all its resolvers are given
 */
export async function renewViewer(context: Context): Promise<void> {
  Object.assign(context, { viewer: await viewerNow(context.db, context.viewer) })
}

/**
 * Says who acts, for this transaction only, and has whoever follows the programme notified of its commit.
 *
 * @throws UNAUTHENTICATED if the token that asks was revoked since the request came
 */
export async function signTransaction(
  db: DatabaseTransaction,
  { viewer, requestId }: Context,
): Promise<void> {
  const [signed] = await db.$queryRaw<{ isRevoked: boolean }[]>`
    SELECT ${isRevoked(viewer)} AS "isRevoked",
           set_config('open_event.actor', ${actorName(viewer)}, true),
           set_config('open_event.request_id', ${requestId}, true),
           set_config('open_event.notify', 'on', true)`
  if (signed?.isRevoked === true) throw tokenRevoked()
}
