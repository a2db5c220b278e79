import { AsyncLocalStorage } from 'node:async_hooks'

/** How many SQL statements a piece of work has sent so far, its BEGIN and COMMIT included. */
export interface StatementCount {
  statements: number
}

const current = new AsyncLocalStorage<StatementCount>()

/** Runs the work and counts the statements that it, and whatever it calls, sends. */
export function countingStatements<Result>(count: StatementCount, work: () => Result): Result {
  return current.run(count, work)
}

/** Called by the client for each statement. */
export function countStatement(): void {
  const count = current.getStore()
  if (count !== undefined) count.statements += 1
}
