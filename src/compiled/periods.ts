import type { Model } from './data-model.ts'
import { sayable } from './marks.ts'
import { Scope } from './statement.ts'
import type { TwinField } from './twin.ts'

const instant = { type: 'DateTime', isUuid: false, isList: false, isRequired: true } as const

/** A period is no row of a table, but a pair out of two columns. */
const period: Model = {
  table: 'periods',
  key: 'startsAt',
  fields: {
    startsAt: { ...instant, column: 'starts_at' },
    endsAt: { ...instant, column: 'ends_at' },
  },
}

/** The periods of a row, in their order; their event is the row's. */
class PeriodScope extends Scope {
  readonly #whose: Scope

  constructor(whose: Scope) {
    super(whose.statement, period)
    this.#whose = whose
  }

  override one(name: string): Scope {
    return this.#whose.one(name)
  }
}

/** The JSON of a list of periods, as SQL, from the columns that hold their begins and their ends. */
export function periodsText<Context>(field: TwinField<Context>, from: string, until: string): string {
  const { scope } = field
  const periods = new PeriodScope(scope)
  const { alias } = periods
  const pairs = `unnest(${scope.column(from)}, ${scope.column(until)})`
  const all = `string_agg(${sayable(field.object(periods))}, ',' ORDER BY ${alias}.n)`
  return `(SELECT '['||coalesce(${all}, '')||']' FROM ${pairs} WITH ORDINALITY ${alias}(starts_at, ends_at, n))`
}
