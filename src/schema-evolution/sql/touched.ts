/** What a migration does to something in the database. */
export type How =
  | 'creates'
  | 'alters'
  | 'drops'
  /** Looks at what is stored: a query, an index that is built, a constraint that is checked. */
  | 'reads'
  | 'writes'
  /** It must be there. */
  | 'needs'

export type ObjectKind =
  | 'table'
  | 'column'
  | 'default'
  | 'not null'
  | 'setting'
  | 'index'
  | 'constraint'
  | 'view'
  | 'sequence'
  | 'type'
  | 'function'
  | 'trigger'
  | 'policy'
  | 'rule'
  | 'schema'
  | 'extension'
  /** It can't be known: SQL that is put together while it runs. The name says where. */
  | 'anything'

export interface Touched {
  readonly kind: ObjectKind
  /** What belongs to a table has its name before the point: `sessions.title`. `sessions.*` is all its rows. */
  readonly name: string
  readonly how: How
}

/** Each of them once, in the order of their first appearance. */
export function unique(touched: readonly Touched[]): Touched[] {
  return [...new Map(touched.map((one) => [`${one.how} ${one.kind} ${one.name}`, one])).values()]
}
