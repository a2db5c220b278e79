import type { Prisma } from '../generated/prisma/client.ts'
import type { Model } from './data-model.ts'
import { columnOf, modelNamed, relationOf } from './data-model.ts'

/** A value that each request puts in anew, so that one statement serves them all: a variable of the operation. */
export class Slot {
  readonly variable: string
  constructor(variable: string) {
    this.variable = variable
  }
}

/** How much is joined to have its columns: to plan hundreds of joins takes twice as long as hundreds of subqueries. */
export const joinsAtMost = 8

/** One statement in the making: its parameters, and the aliases of its tables. */
export class Statement {
  readonly values: unknown[] = []
  /** What its columns are taken from, joined to one row. */
  readonly joins: string[] = []
  /** Whether short texts are left out, too, if there is too much of them. */
  readonly countsAllTexts: boolean
  #aliases = 0

  constructor(countsAllTexts: boolean) {
    this.countsAllTexts = countsAllTexts
  }

  alias(): string {
    this.#aliases += 1
    return `t${this.#aliases}`
  }

  get from(): string {
    return ['(VALUES (1)) one', ...this.joins].join(' ')
  }

  /** @param type as PostgreSQL calls it */
  parameter(value: unknown, type: string): string {
    this.values.push(value)
    return `$${this.values.length}::${type}`
  }

  /** SQL that casts its own values. */
  sql({ strings, values }: Prisma.Sql): string {
    return strings.reduce((text, next, index) => `${text}$${this.values.push(values[index - 1])}${next}`)
  }
}

/**
 * A table in a FROM, with the to-one relations that its conditions, its order and its columns share: each is joined
 * once, to the FROM of the table that it all begins with.
 */
export class Scope {
  readonly statement: Statement
  readonly model: Model
  readonly alias: string
  /** What is joined to the table; of a joined one, nothing. */
  readonly joins: string[] = []
  /** Whether there is one row of it at most, so that to join something costs once. */
  readonly isOne: boolean
  readonly #joined = new Map<string, Scope>()
  readonly #root: Scope

  constructor(
    statement: Statement,
    model: string | Model,
    { root, isOne = false }: { readonly root?: Scope; readonly isOne?: boolean } = {},
  ) {
    this.statement = statement
    this.model = typeof model === 'string' ? modelNamed(model) : model
    this.isOne = isOne
    this.alias = statement.alias()
    this.#root = root ?? this
  }

  /** @throws NotCompilable */
  column(name: string): string {
    return `${this.alias}."${columnOf(this.model, name).column}"`
  }

  get key(): string {
    return this.column(this.model.key)
  }

  get from(): string {
    return [`"${this.model.table}" ${this.alias}`, ...this.joins].join(' ')
  }

  isJoined(relation: string): boolean {
    return this.#joined.has(relation)
  }

  /** A to-one relation, joined. @throws NotCompilable */
  one(name: string): Scope {
    const known = this.#joined.get(name)
    if (known !== undefined) return known
    const relation = relationOf(this.model, name)
    const scope = new Scope(this.statement, relation.model, { root: this.#root })
    this.#joined.set(name, scope)
    const join = relation.isRequired && this.#root === this ? 'JOIN' : 'LEFT JOIN'
    this.#root.joins.push(`${join} ${scope.from} ON ${belongs(this, name, scope)}`)
    return scope
  }
}

/** That a row of `related` is one of the relation of a row of `scope`. @throws NotCompilable */
export function belongs(scope: Scope, relation: string, related: Scope): string {
  return relationOf(scope.model, relation)
    .on.map(([ours, theirs]) => `${related.alias}."${theirs}" = ${scope.alias}."${ours}"`)
    .join(' AND ')
}
