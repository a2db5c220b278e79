import { AsyncLocalStorage } from 'node:async_hooks'

/** What a request, or another piece of work, does in the database. */
export interface Work {
  /** How many SQL statements it has sent so far, its BEGIN and COMMIT included. */
  statements: number
  /** How many of its transactions were completed: what they changed stays, whatever happens next. */
  commits: number
}

const current = new AsyncLocalStorage<Work>()

/** Begins a piece of work: what the callback, and whatever it calls, does in the database is of it. */
export function beginWork<Result>(work: Work, callback: () => Result): Result {
  return current.run(work, callback)
}

/** The work that the caller is part of; undefined where nobody began one. */
export function currentWork(): Work | undefined {
  return current.getStore()
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
