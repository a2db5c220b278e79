import { hash as digestOf } from 'node:crypto'
import { ApiError, forbidden } from '../../errors.ts'
import { createRecent } from '../../recent.ts'
import type { WellFormed } from '../well-formed.ts'

/** Texts of documents by their SHA-256, in lower-case hexadecimal digits. */
export type TrustedDocuments = ReadonlyMap<string, string>

export interface DocumentOptions {
  readonly trusted: TrustedDocuments
  /** Whether no others are answered. */
  readonly isTrustedOnly: boolean
  /** Where Apollo keeps the documents that clients sent along with their hashes. */
  readonly persisted: { get(key: string): Promise<string | undefined> }
}

export interface Documents {
  /**
   * Finds the text of the document that was asked for by its hash, or the hash of one that came as text. One that Apollo's own extension names and nobody knows
   * stays out: Apollo asks its client for it.
   *
   * @throws PERSISTED_QUERY_NOT_FOUND for an unknown documentId; FORBIDDEN where only trusted documents are answered
   */
  find(asked: WellFormed): Promise<WellFormed>
  /** @throws FORBIDDEN where only trusted documents are answered, and this is none */
  admit(text: string): void
}

export function createDocuments({ trusted, isTrustedOnly, persisted }: DocumentOptions): Documents {
  const admit = (hash: string) => {
    if (isTrustedOnly && !trusted.has(hash)) {
      throw forbidden('This server answers the documents in its manifest only, and this is none of them.')
    }
  }
  return {
    find: async (asked) => {
      const { query, hash } = asked
      const found = hash ?? sha256Of(query ?? '')
      admit(found)
      if (query !== null || hash === null) return { ...asked, hash: found }
      // Apollo keeps them under this prefix.
      const text = trusted.get(hash) ?? (await persisted.get(`apq:${hash}`)) ?? null
      if (text === null && asked.isByDocumentId) {
        const message = 'There is no such document here. Send its text as "query".'
        throw new ApiError('PERSISTED_QUERY_NOT_FOUND', message)
      }
      return { ...asked, query: text }
    },
    admit: (text) => admit(sha256Of(text)),
  }
}

export function sha256Of(text: string): string {
  let hash = hashes.get(text)
  if (hash === undefined) hashes.set(text, (hash = digestOf('sha256', text)), text.length)
  return hash
}

/** Of the documents of late: to find a text takes a tenth of the time that its digest does. In characters. */
const hashes = createRecent<string>(500_000)
