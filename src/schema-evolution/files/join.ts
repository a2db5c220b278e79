/**
 * Where migrations of several branches follow the same one and none can be changed any more, because each is applied
 * somewhere. Two migrations stand around them. The one before lets their parent have several successors, the one after
 * puts all of them in the order of their names, whichever a database had first.
 */
export interface Join {
  readonly begins: string
  readonly ends: string
  /** What stands between, by name: the parent that its own SQL writes, and the one that it has at the end. */
  readonly moved: ReadonlyMap<string, { readonly from: string; readonly to: string }>
}

/** @param scripts of all migrations */
export function joinsOf(scripts: ReadonlyMap<string, string | null>): Join[] {
  return [...scripts].flatMap(([ends, sql]) => {
    const begins = sql?.includes(directive) ? sinceForm.exec(sql)?.[1] : undefined
    return sql === null || begins === undefined ? [] : [{ begins, ends, moved: movedBy(sql) }]
  })
}

/** Whether both stand in one join, so that a database may have got them in any order. */
export function areJoined(joins: readonly Join[], one: string, other: string): boolean {
  return joins.some((join) => isIn(join, one) && isIn(join, other))
}

/** One that came later, with a time stamp from between, isn't. */
function isIn({ begins, ends, moved }: Join, name: string): boolean {
  return name === begins || name === ends || moved.has(name)
}

/** What all joins move. */
export function movedParents(scripts: ReadonlyMap<string, string | null>): Join['moved'] {
  return new Map(joinsOf(scripts).flatMap(({ moved }) => [...moved]))
}

/** The comment that makes a migration the end of a join. */
export function joinDirective(begins: string): string {
  return `${directive}${begins}`
}

/** The statement by which the end of a join moves migrations. */
export function moveStatement(moved: Join['moved']): string {
  const rows = [...moved].map(([name, { from, to }]) => `  ('${name}', '${from}', '${to}')`)
  return `UPDATE migration_lineage AS line SET parent = now_after FROM (VALUES
${rows.join(',\n')}
) AS moved (moved_name, was_after, now_after) WHERE line.name = moved_name AND line.parent = was_after;`
}

const directive = '-- migration: join since '

const sinceForm = /^-- migration: join since (\S+)$/m

function movedBy(sql: string): Join['moved'] {
  const rows = /^UPDATE migration_lineage AS line SET parent = now_after FROM \(VALUES\n([^;]*);/m.exec(
    sql,
  )?.[1]
  const values = rows?.matchAll(/\('([^']*)', '([^']*)', '([^']*)'\)/g) ?? []
  return new Map([...values].map(([, name = '', from = '', to = '']) => [name, { from, to }]))
}
