import { type Directive, directivesOf } from '../sql/directives.ts'
import { effectsOf } from '../sql/effects.ts'
import { follow, type KnownSchema } from '../sql/known-schema.ts'
import type { Effect } from '../sql/lock.ts'
import { parseSql, type Script, type SqlStatement } from '../sql/parse.ts'
import { statementsOfBody } from '../sql/touched-by-body.ts'
import { isLineageRow } from '../sql/touched-objects.ts'
import { asKind, relationName } from '../sql/tree.ts'

/** A migration that was read, and what it meets. */
export interface ReadMigration {
  readonly name: string
  readonly script: Script
  readonly directives: readonly Directive[]
  /** Whether all of it happens or nothing, which keeps every lock until its end. */
  readonly isOneTransaction: boolean
  readonly before: KnownSchema
  readonly after: KnownSchema
  /** The tables that it makes itself: they are empty, and nobody waits for them. */
  readonly newTables: ReadonlySet<string>
  /** What it does, without the row by which it says where it stands. */
  readonly steps: readonly MigrationStep[]
}

export interface MigrationStep {
  readonly statement: SqlStatement
  readonly effects: readonly Effect[]
  /** What a DO block runs, its effects being those of the block. */
  readonly inside: readonly SqlStatement[]
}

/** Those inside of DO blocks after these. */
export function statementsOf({ steps }: ReadMigration): SqlStatement[] {
  return steps.flatMap(({ statement, inside }) => [statement, ...inside])
}

/**
 * @param schema what is there before it; afterwards, what is there behind it
 * @throws SqlSyntaxError
 */
export function readMigrationSql(name: string, sql: string, schema: KnownSchema): ReadMigration {
  const script = parseSql(sql)
  const directives = directivesOf(script)
  const before = structuredClone(schema)
  const newTables = new Set<string>()
  const steps = script.statements
    .filter((statement) => !isLineageRow(statement))
    .map((statement) => {
      const effects = effectsOf(statement, schema)
      const inside = 'DoStmt' in statement.tree ? (statementsOfBody(statement)?.statements ?? []) : []
      for (const one of [statement, ...inside]) {
        follow(schema, one)
        const created =
          asKind(one.tree, 'CreateStmt')?.relation ?? asKind(one.tree, 'CreateTableAsStmt')?.into?.rel
        if (created !== undefined) newTables.add(relationName(created))
      }
      return { statement, effects, inside }
    })
  const isOneTransaction = !directives.some(({ kind }) => kind === 'no transaction')
  return {
    name,
    script,
    directives,
    isOneTransaction,
    before,
    after: structuredClone(schema),
    newTables,
    steps,
  }
}
