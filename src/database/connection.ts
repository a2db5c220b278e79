import pg from 'pg'
import { countCommit } from './work.ts'

/** The connection was lost while a transaction was being completed: it took place, or it didn't. */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown'
}

/** A connection that tells whether a COMMIT was refused or was lost on its way. */
export class Connection extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config)
    // What breaks is told by the statement that meets it; without a listener the process would end.
    this.on('error', () => {})
  }

  // oxlint-disable-next-line typescript/no-explicit-any -- one implementation of pg's overloads, which hold outside
  override async query(...statement: any): Promise<any> {
    // pg takes a text or a config first, and says so in its overloads.
    const [first] = statement as [string | { text: string }]
    const text = typeof first === 'string' ? first : first.text
    try {
      const result: unknown = await super.query(...(statement as [string]))
      if (text === 'COMMIT') countCommit()
      return result
    } catch (error) {
      if (text !== 'COMMIT' || !endsSession(error)) throw error
      throw new OutcomeUnknown('The connection was lost in COMMIT.', { cause: error })
    }
  }
}

/** Whether the connection is gone with it: PostgreSQL says FATAL before it hangs up, and a break isn't its error at all. */
export function endsSession(error: unknown): boolean {
  return !(error instanceof pg.DatabaseError) || error.severity === 'FATAL' || error.severity === 'PANIC'
}
