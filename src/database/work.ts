import { AsyncLocalStorage } from 'node:async_hooks'
import type { Trace } from '../tracing/trace.ts'

/** What a request, or another piece of work, does in the database. */
export interface Work {
  /** How many SQL statements it has sent so far, its BEGIN and COMMIT included. */
  statements: number
  /** How many of its transactions were completed: what they changed stays, whatever happens next. */
  commits: number
  /** What the database has sent for it. */
  bytes: number
  /** Whose places it takes: a viewer, or an address as long as nobody knows who asks. */
  payer: string
  /** Whether it may change something; it has places apart from what only reads. */
  changes: boolean
  /** Why nothing more is to be done for it; null: it goes on. */
  stopped: WorkStopped | WorkTooLarge | null
  /** Where it is told what it does; null: nobody traces it. */
  trace: Trace | null
  /** What is under way for it in the database; each is told when it is stopped. */
  readonly underWay: Set<() => void>
}

/** Nothing more is done for the request. The message is a sentence for its client. */
export class WorkStopped extends Error {
  override readonly name = 'WorkStopped'
}

/** The request was stopped for what it asks, so that it ends like this each time. The message goes on after "The query". */
export class WorkTooLarge extends Error {
  override readonly name = 'WorkTooLarge'
}

export function newWork(payer: string): Work {
  return {
    ...{ statements: 0, commits: 0, bytes: 0, payer, changes: false, stopped: null, trace: null },
    underWay: new Set(),
  }
}

const current = new AsyncLocalStorage<Work>()

/** Begins a piece of work: what the callback, and whatever it calls, does in the database is of it. */
export function beginWork<Result>(work: Work, callback: () => Result): Result {
  return current.run(work, callback)
}

/** The work that the caller is part of; undefined if nobody began one. */
export function currentWork(): Work | undefined {
  return current.getStore()
}

/** Ends what the work has under way in the database, and lets it begin nothing more there. */
export function stopWork(work: Work, reason: WorkStopped | WorkTooLarge): void {
  if (work.stopped !== null) return
  work.stopped = reason
  for (const stop of work.underWay) stop()
}

/** What one request may have the database send: answers are far smaller, and what is read for them stays in memory. */
const bytesAtMost = 16 * 1_048_576

/** Called by the connection for what the database sends. */
export function countBytes(work: Work, bytes: number): void {
  work.bytes += bytes
  if (work.bytes > bytesAtMost) stopWork(work, new WorkTooLarge('reads more than 16 MiB from the database'))
}

/** Called by the client for each statement. */
export function countStatement(): void {
  const work = currentWork()
  if (work !== undefined) work.statements += 1
}

/** Called by the connection that a transaction was completed on. */
export function countCommit(): void {
  const work = currentWork()
  if (work !== undefined) work.commits += 1
}
