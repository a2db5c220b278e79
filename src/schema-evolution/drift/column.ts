import pg from 'pg'

/** A column as the catalog tells it, in its parts. */
interface Column {
  /** With its collation. */
  readonly type: string
  readonly isRequired: boolean
  readonly identity: 'ALWAYS' | 'BY DEFAULT' | null
  /** DEFAULT or GENERATED ... with its expression; null if there is none. */
  readonly value: { readonly kind: 'default' | 'generated' | 'virtual'; readonly expression: string } | null
}

const form =
  /^(.*?)( collate \S+)?( not null)?(?: (identity always|identity))?(?: (default|generated|virtual) ([^]*))?$/

/** The type alone, by which a renamed column is known again. */
export function columnType(definition: string): string {
  return read(definition).type
}

/** `"title" text NOT NULL`, as CREATE TABLE and ADD COLUMN take it. @param name as the catalog has it: `column talks.title` */
export function columnDefinition(name: string, definition: string): string {
  const { type, isRequired, identity, value } = read(definition)
  const [table = '', column = ''] = name.replace('column ', '').split(/\.(.*)/s)
  const quoted = pg.escapeIdentifier(column)
  const serial = serials[type]
  const counts = [`${table}_${column}_seq`, pg.escapeIdentifier(`${table}_${column}_seq`)]
  if (
    serial !== undefined &&
    counts.some((sequence) => value?.expression === `nextval('${sequence}'::regclass)`)
  )
    return `${quoted} ${serial}`
  return [
    quoted,
    type,
    ...(isRequired ? ['NOT NULL'] : []),
    ...(identity === null ? [] : [`GENERATED ${identity} AS IDENTITY`]),
    ...(value === null ? [] : [valueClause(value)]),
  ].join(' ')
}

/** What makes a column another one in its place; none if only a new column could be that. Names are quoted. */
export function columnChange(change: {
  readonly table: string
  readonly column: string
  readonly found: string
  readonly wanted: string
}): string[] {
  const [is, to] = [read(change.found), read(change.wanted)]
  if (is.value?.kind !== to.value?.kind && (isGenerated(is) || isGenerated(to))) return []
  if (isGenerated(is) && is.value?.expression !== to.value?.expression) return []
  const isOther = is.type !== to.type
  const isOtherDefault = is.value?.expression !== to.value?.expression
  const steps = [
    // A default isn't converted with its column.
    ...(is.value !== null && !isGenerated(is) && (isOther || (isOtherDefault && to.value === null))
      ? ['DROP DEFAULT']
      : []),
    ...(isOther ? [`TYPE ${to.type} USING ${change.column}::${to.type.replace(/ COLLATE .*/, '')}`] : []),
    ...(is.identity !== null && is.identity !== to.identity ? ['DROP IDENTITY'] : []),
    ...(is.isRequired === to.isRequired ? [] : [`${to.isRequired ? 'SET' : 'DROP'} NOT NULL`]),
    ...(to.value?.kind === 'default' && (isOther || isOtherDefault)
      ? [`SET DEFAULT ${to.value.expression}`]
      : []),
    ...(to.identity !== null && is.identity !== to.identity
      ? [`ADD GENERATED ${to.identity} AS IDENTITY`]
      : []),
  ]
  const clauses = steps.map((step) => `ALTER COLUMN ${change.column} ${step}`)
  return clauses.length === 0 ? [] : [`ALTER TABLE ${change.table} ${clauses.join(', ')}`]
}

/** They make their sequence themselves, and take it along when they go. */
const serials: Readonly<Record<string, string>> = {
  smallint: 'smallserial',
  integer: 'serial',
  bigint: 'bigserial',
}

function isGenerated({ value }: Column): boolean {
  return value !== null && value.kind !== 'default'
}

function valueClause({ kind, expression }: NonNullable<Column['value']>): string {
  if (kind === 'default') return `DEFAULT ${expression}`
  return `GENERATED ALWAYS AS (${expression}) ${kind === 'virtual' ? 'VIRTUAL' : 'STORED'}`
}

function read(definition: string): Column {
  const [, type = definition, collation = '', required, identity, kind, expression = ''] =
    form.exec(definition) ?? []
  return {
    type: type + collation.replace(' collate ', ' COLLATE '),
    isRequired: required !== undefined,
    identity: identity === undefined ? null : identity === 'identity always' ? 'ALWAYS' : 'BY DEFAULT',
    value: kind === 'default' || kind === 'generated' || kind === 'virtual' ? { kind, expression } : null,
  }
}
