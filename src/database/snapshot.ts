import type { Database, DatabaseTransaction } from './client.ts'

/** A transaction in which everything is read as it was at one moment. */
export interface Snapshot {
  /** Begins it, the first time. It takes a connection until it is closed. */
  open(): Promise<DatabaseTransaction>
  /** Ends it, if it was begun. */
  close(): Promise<void>
}

/** A snapshot that takes no connection before somebody reads from it. Its moment is that of the first statement. */
export function lazySnapshot(db: Database): Snapshot {
  let opened: Promise<DatabaseTransaction> | undefined
  let ended: Promise<void> | undefined
  let end = () => {}
  const begin = () =>
    new Promise<DatabaseTransaction>((resolve, reject) => {
      const hold = new Promise<void>((release) => (end = release))
      ended = db.$transaction(
        async (tx) => {
          resolve(tx)
          await hold
        },
        { isolationLevel: 'RepeatableRead', maxWait: 10_000, timeout: 30_000 },
      )
      ended.catch(reject)
    })
  return {
    open: () => (opened ??= begin()),
    close: async () => {
      end()
      await ended
    },
  }
}
