import type pg from 'pg'
import { createRecent } from '../recent.ts'

/** How many statements a connection keeps: PostgreSQL holds up to 200 kB for each, on every connection. */
const most = 50

/** The how manieth time a statement is prepared at: those that come once or twice would drive out the others. */
const often = 3

/** How many characters the texts may have together that are counted before they are prepared, on each connection. */
const charactersCounted = 400_000

/**
 * The statements that one connection has prepared, so that PostgreSQL parses and plans each of them once. Those that
 * weren't asked for longest make room for others.
 */
export class PreparedStatements {
  /** The names by text, the last one used at the end. */
  readonly #names = new Map<string, string>()
  readonly #counts = createRecent<number>(charactersCounted)
  #made = 0

  /**
   * @param deallocate is given the name of a statement that makes room
   * @returns the name under which the text is to be sent; undefined: without one
   */
  nameOf(text: string, deallocate: (name: string) => void): string | undefined {
    const known = this.#names.get(text)
    if (known !== undefined) {
      this.#names.delete(text)
      this.#names.set(text, known)
      return known
    }
    const count = (this.#counts.get(text) ?? 0) + 1
    if (count < often) {
      this.#counts.set(text, count, text.length)
      return undefined
    }
    const [oldest] = this.#names
    if (oldest !== undefined && this.#names.size >= most) {
      this.#names.delete(oldest[0])
      deallocate(oldest[1])
    }
    const name = `s${(this.#made += 1)}`
    this.#names.set(text, name)
    return name
  }

  /** Forgets a statement that PostgreSQL won't execute any more. */
  forget(text: string): void {
    this.#names.delete(text)
  }
}

/**
 * Whether a statement failed only because it was prepared before a migration changed a column that it gives, or because
 * it is gone from the session. Nothing of it was executed: it can be sent again, unless its transaction failed with it.
 */
export function isOutdated(error: unknown): boolean {
  const { code, routine } = error as Pick<pg.DatabaseError, 'code' | 'routine'>
  return code === '26000' || (code === '0A000' && routine === 'RevalidateCachedQuery')
}
