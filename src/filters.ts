import type { InputIssue } from './errors.ts'
import { maxListed } from './input.ts'
import { isId } from './paging.ts'
import { faultOfText, line } from './text.ts'

/** A range of instants as clients send it; a bound that is null holds for all, like one that is left out. */
export interface InstantRange {
  readonly gte?: Date | null | undefined
  readonly gt?: Date | null | undefined
  readonly lte?: Date | null | undefined
  readonly lt?: Date | null | undefined
}

/** The Prisma filter of a range; undefined, which filters nothing, where no bound is given. */
export function instantsIn(range: InstantRange | null | undefined): Record<string, Date> | undefined {
  const bounds = Object.entries(range ?? {}).filter(
    (bound): bound is [string, Date] => bound[1] instanceof Date,
  )
  return bounds.length > 0 ? Object.fromEntries(bounds) : undefined
}

/** What is wrong with the texts and lists of a filter, whatever it is about. */
export function faultsOfFilter(filter: object | null | undefined): InputIssue[] {
  return Object.entries(filter ?? {}).flatMap(([field, value]): InputIssue[] => {
    const path = ['filter', field]
    if (!Array.isArray(value)) return textIssues(path, value)
    if (value.length <= maxListed) return value.flatMap((each, index) => textIssues([...path, index], each))
    return [{ path, message: `must list ${maxListed} at most.` }]
  })
}

function textIssues(path: readonly (string | number)[], value: unknown): InputIssue[] {
  const message = typeof value === 'string' ? faultOfText(value, line) : null
  return message === null ? [] : [{ path, message }]
}

/** Rows with one of the values; undefined, which filters nothing, where no list is given. */
export function oneOf<Value>(values: readonly Value[] | null | undefined): { in: Value[] } | undefined {
  return values === null || values === undefined ? undefined : { in: [...values] }
}

/** The same for identifiers: what is no identifier names no row, and the database would refuse it. */
export function oneOfIds(ids: readonly string[] | null | undefined): { in: string[] } | undefined {
  return oneOf(ids?.filter(isId))
}

/** `{ name: filter }`, or nothing where there is no filter: Prisma takes an `undefined` in a `where` for "all". */
export function given<Name extends string, Filter>(
  name: Name,
  filter: Filter | undefined,
): Partial<Record<Name, Filter>> {
  // A computed key widens to string, hence the cast.
  return filter === undefined ? {} : ({ [name]: filter } as Record<Name, Filter>)
}
