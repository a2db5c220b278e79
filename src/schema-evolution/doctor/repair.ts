import pg from 'pg'
import { parseSql } from '../sql/parse.ts'
import { runSql } from './examination.ts'

/** An object of the catalog that isn't as the migrations make it. */
export interface DriftedObject {
  /** As the catalog names it. */
  readonly name: string
  /** Undefined: it isn't ours. */
  readonly expected: string | undefined
  /** Undefined: it is missing. */
  readonly found: string | undefined
}

/**
 * The command that makes the object what the migrations made, without losing a row.
 *
 * @param scripts of the migrations, where functions are read from
 * @returns null where there is none that is safe to print
 */
export function repairOf(object: DriftedObject, scripts: ReadonlyMap<string, string | null>): string | null {
  const [, kind = '', rest = ''] = /^(\w+) (.*)$/s.exec(object.name) ?? []
  if (kind === 'function' && object.expected !== undefined) return functionAgain(rest, scripts)
  const statements = statementsOf(kind, rest, object)
  return statements === null ? null : runSql(...statements)
}

/** The command that removes what a migration began and nothing else knows; with what is in it. */
export function dropOf(name: string): string | null {
  const [, kind = '', rest = ''] = /^(\w+) (.*)$/s.exec(name) ?? []
  if (kind === 'column') {
    const [table, column] = partsOf(rest)
    return runSql(`ALTER TABLE ${table} DROP COLUMN ${column}`)
  }
  const type = { table: 'TABLE', enum: 'TYPE', domain: 'DOMAIN', sequence: 'SEQUENCE', view: 'VIEW' }[kind]
  return type === undefined ? null : runSql(`DROP ${type} ${pg.escapeIdentifier(rest)}`)
}

function statementsOf(kind: string, rest: string, { expected, found }: DriftedObject): string[] | null {
  const [table, own] = partsOf(rest)
  switch (kind) {
    case 'trigger': {
      const drop = found === undefined ? [] : [`DROP TRIGGER ${own} ON ${table}`]
      return expected === undefined ? drop : [...drop, expected]
    }
    case 'index': {
      const drop = found === undefined ? [] : [`DROP INDEX ${pg.escapeIdentifier(rest)}`]
      return expected === undefined ? drop : [...drop, expected]
    }
    case 'constraint': {
      const drop = found === undefined ? [] : [`DROP CONSTRAINT ${own}`]
      const add = expected === undefined ? [] : [`ADD CONSTRAINT ${own} ${expected}`]
      return [`ALTER TABLE ${table} ${[...drop, ...add].join(', ')}`]
    }
    case 'column':
      return columnAgain(table, own, expected, found)
    case 'view':
      return expected === undefined ? [`DROP VIEW ${pg.escapeIdentifier(rest)}`] : null
    case 'function':
      return [`DROP FUNCTION ${rest}`]
    default:
      return null
  }
}

/** A column is never dropped here, and its type never changed: that would lose what is in it. */
function columnAgain(
  table: string,
  column: string,
  expected: string | undefined,
  found: string | undefined,
): string[] | null {
  if (expected === undefined || /\b(identity|generated|virtual)\b/.test(expected)) return null
  const is = columnParts(expected)
  if (found === undefined) {
    return is.isRequired && is.fallback === undefined
      ? null
      : [`ALTER TABLE ${table} ADD COLUMN ${column} ${expected}`]
  }
  const was = columnParts(found)
  if (is.type !== was.type) return null
  const steps = [
    ...(is.isRequired === was.isRequired ? [] : [is.isRequired ? 'SET NOT NULL' : 'DROP NOT NULL']),
    ...(is.fallback === was.fallback
      ? []
      : [is.fallback === undefined ? 'DROP DEFAULT' : `SET DEFAULT ${is.fallback}`]),
  ]
  return [`ALTER TABLE ${table} ${steps.map((step) => `ALTER COLUMN ${column} ${step}`).join(', ')}`]
}

function columnParts(definition: string) {
  const [before = '', fallback] = definition.split(/ default (.*)$/s)
  return { type: before.replace(/ not null$/, ''), isRequired: before.endsWith(' not null'), fallback }
}

/** The lines of the last migration that makes the function, as it is to be run again. */
function functionAgain(signature: string, scripts: ReadonlyMap<string, string | null>): string | null {
  const name = /^[^(]*/.exec(signature)![0]
  for (const [migration, sql] of [...scripts].reverse()) {
    const made = parseSql(sql ?? '').statements.findLast(({ text }) =>
      new RegExp(`^CREATE\\s+(OR\\s+REPLACE\\s+)?FUNCTION\\s+"?${name}"?\\s*\\(`, 'i').test(text),
    )
    if (made !== undefined) {
      const last = made.line + made.text.split('\n').length - 1
      return (
        `sed -n '${made.line},${last}p' prisma/migrations/${migration}/migration.sql | ` +
        `sed '1s/CREATE FUNCTION/CREATE OR REPLACE FUNCTION/' | npx prisma db execute --stdin`
      )
    }
  }
  return null
}

/** `sessions.stamp_row`, quoted. */
function partsOf(rest: string): [string, string] {
  const at = rest.indexOf('.')
  return [pg.escapeIdentifier(rest.slice(0, at)), pg.escapeIdentifier(rest.slice(at + 1))]
}
