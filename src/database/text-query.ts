import pg from 'pg'

/** A statement whose first row is read as texts. */
export interface TextRead {
  readonly text: string
  readonly values: readonly unknown[]
  /** Tells it from other statements. */
  readonly readsTexts: true
}

export type TextRow = readonly (string | null)[]

/**
 * Sends a statement by as few messages as there can be: what its columns are isn't asked for, and nothing is made of them
 * but texts. pg's own query takes twice as long for an answer of one row. It is a subclass of it because pg pipelines no
 * others.
 */
export class TextQuery extends pg.Query {
  readonly text: string
  readonly name: string
  readonly #values: readonly unknown[]
  #row: TextRow = []
  /** pg calls it when it gives up waiting, too. */
  callback: (error: Error | null, row?: TextRow) => void

  /** @param name under which it is prepared; empty: it isn't */
  constructor({ text, values }: TextRead, name: string, callback: TextQuery['callback']) {
    super(text)
    this.text = text
    this.name = name
    this.#values = values.map(asText)
    this.callback = callback
  }

  override submit = (connection: pg.Connection): void => {
    const { text, name } = this
    const { stream, parsedStatements, submittedNamedStatements } = connection as pg.Connection & Parsed
    stream.cork()
    if ((parsedStatements[name] ?? submittedNamedStatements[name]) === undefined) {
      connection.parse({ name, text, types: [] }, true)
      if (name !== '') submittedNamedStatements[name] = text
    }
    connection.bind({ statement: name, values: this.#values as unknown[] as [] }, true)
    connection.execute({}, true)
    connection.sync()
    stream.uncork()
  }

  handleDataRow({ fields }: { readonly fields: TextRow }): void {
    if (this.#row.length === 0) this.#row = fields
  }

  handleCommandComplete(): void {}

  handleError(error: Error): void {
    this.callback(error)
  }

  handleReadyForQuery(): void {
    this.callback(null, this.#row)
  }
}

/** What pg keeps of a connection, and its types don't list: the statements that have a name, and those that are on their way. */
interface Parsed {
  readonly parsedStatements: Readonly<Record<string, string>>
  readonly submittedNamedStatements: Record<string, string>
}

/** As PostgreSQL reads it. */
function asText(value: unknown): string | null {
  if (value === null || value === undefined || typeof value === 'string') return value ?? null
  if (value instanceof Date) return value.toISOString()
  if (typeof value === 'bigint') return value.toString()
  if (!Array.isArray(value)) return JSON.stringify(value)
  const elements = value.map((each) => {
    const text = asText(each)
    return text === null ? 'NULL' : `"${text.replaceAll(/["\\]/g, '\\$&')}"`
  })
  return `{${elements.join()}}`
}
