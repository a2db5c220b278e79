import type { DocumentNode, OperationDefinitionNode } from 'graphql'
import { createRecent } from '../recent.ts'

/** A query that is valid: Apollo let it through before. */
export interface KnownQuery {
  readonly document: DocumentNode
  readonly operation: OperationDefinitionNode
  /** 'query Schedule', as the log names it. */
  readonly label: string
}

export interface KnownQueries {
  /**
   * @param hash SHA-256 of the document's text
   * @param operationName null: the only operation
   */
  get(hash: string, operationName: string | null): KnownQuery | undefined
  add(hash: string, operationName: string | null, query: Omit<KnownQuery, 'label'>): void
}

/** Characters of all documents that are kept together; parsed, they take about a hundred bytes a character. */
const charactersAtMost = 400_000

/** The queries that were let through of late, so that they needn't be parsed, validated and looked up again. */
export function createKnownQueries(): KnownQueries {
  const known = createRecent<KnownQuery>(charactersAtMost)
  const keyOf = (hash: string, operationName: string | null) =>
    operationName === null ? hash : `${hash} ${operationName}`
  return {
    get: (hash, operationName) => known.get(keyOf(hash, operationName)),
    add: (hash, operationName, { document, operation }) => {
      const label = operationLabel(operation)
      known.set(keyOf(hash, operationName), { document, operation, label }, document.loc?.end ?? 10_000)
    },
  }
}

/** How the log, the metrics and traces name an operation: never by what it was asked with. */
export function operationLabel({ operation, name }: OperationDefinitionNode): string {
  return `${operation} ${name?.value ?? '(unnamed)'}`.slice(0, 200)
}
