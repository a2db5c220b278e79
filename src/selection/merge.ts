import { isDeepStrictEqual } from 'node:util'

/** A Prisma `select`: a column or relation to `true`, or to what is wanted of the relation and which of its rows. */
export interface Select {
  readonly [name: string]: boolean | RelationSelect
}

export interface RelationSelect {
  /** Left out where rows are only counted. */
  readonly select?: Select
  /** where, orderBy, take ... */
  readonly [argument: string]: unknown
}

/** Both selects in one; null where they want different rows of one relation, which one select can't say. */
export function mergeSelects(one: Select, other: Select): Select | null {
  const merged: Record<string, boolean | RelationSelect> = { ...one }
  for (const [name, theirs] of Object.entries(other)) {
    const ours = merged[name]
    if (ours === undefined || typeof ours === 'boolean' || typeof theirs === 'boolean') {
      merged[name] = typeof ours === 'object' ? ours : theirs
      continue
    }
    const { select: ourSelect, ...ourArguments } = ours
    const { select: theirSelect, ...theirArguments } = theirs
    const select = isDeepStrictEqual(ourArguments, theirArguments)
      ? mergeSelects(ourSelect ?? {}, theirSelect ?? {})
      : null
    if (select === null) return null
    merged[name] = Object.keys(select).length > 0 ? { ...ourArguments, select } : ourArguments
  }
  return merged
}
