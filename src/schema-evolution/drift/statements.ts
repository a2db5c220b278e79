import pg from 'pg'
import { compareCatalogs, ownedBy } from '../files/catalog.ts'
import type { Definitions } from '../database/definitions.ts'
import { columnChange, columnDefinition } from './column.ts'
import { enumChange } from './enum.ts'
import { renames } from './renames.ts'
import { sequenceAlone, sequenceChange } from './sequence.ts'

/**
 * Statements that bring a schema nearer to another: run those that work, read the schema again, and ask again. If something
 * was renamed, only the renaming is told, because then nothing of it is lost.
 *
 * @param here what there is
 * @param there what there is to be
 * @returns none if the two are the same, or differ in what nobody can write
 */
export function statementsTo(here: Definitions, there: Definitions): string[] {
  const [from, to] = [here.objects, there.objects]
  const { missing, changed, extra } = compareCatalogs(to, from)
  const renaming = renames(here, there, { missing, extra })
  if (renaming.length > 0) return renaming
  const goesWithTable = ownedBy(extra, from)
  const comesWithTable = (name: string) =>
    name.startsWith('column ') && missing.includes(`table ${tableOf(name)}`)
  return [
    ...inOrderOf(dropOrder, extra)
      .filter((name) => !goesWithTable(name))
      .map(dropOf),
    ...inOrderOf(makeOrder, missing).flatMap((name) => (comesWithTable(name) ? [] : makeOf(name, there))),
    ...inOrderOf(makeOrder, changed).flatMap((name) => changeOf(name, from.get(name)!, to.get(name)!)),
  ]
}

const makeOrder = ['enum', 'domain', 'type', 'sequence', 'table', 'column', 'function', 'constraint', 'index']
// A column takes with it what is only about it.
const dropOrder = ['policy', 'rule', 'trigger', 'view', 'column', 'table', 'constraint', 'index', 'function']

function inOrderOf(kinds: readonly string[], names: readonly string[]): string[] {
  const place = (name: string) => {
    const index = kinds.indexOf(name.slice(0, name.indexOf(' ')))
    return index === -1 ? kinds.length : index
  }
  return [...names].sort((one, other) => place(one) - place(other))
}

function makeOf(name: string, { objects: to, numbers }: Definitions): string[] {
  const { kind, rest, table, own } = partsOf(name)
  const definition = to.get(name)!
  switch (kind) {
    case 'table': {
      // Partitions, parents and foreign tables aren't written.
      if (/^(foreign|partitioned|of)\b|FOR VALUES/.test(definition)) return []
      const columns = [...to]
        .filter(([other]) => other.startsWith('column ') && tableOf(other) === rest)
        .sort(([one], [other]) => (numbers.get(one) ?? 0) - (numbers.get(other) ?? 0))
        .map(([other, column]) => `  ${columnDefinition(other, column)}`)
      const unlogged = definition.startsWith('unlogged') ? 'UNLOGGED ' : ''
      return [`CREATE ${unlogged}TABLE ${pg.escapeIdentifier(rest)} (\n${columns.join(',\n')}\n)`]
    }
    case 'column':
      return [`ALTER TABLE ${table} ADD COLUMN ${columnDefinition(name, definition)}`]
    case 'constraint':
      return [`ALTER TABLE ${table} ADD CONSTRAINT ${own} ${definition.replace(/ not validated$/, '')}`]
    case 'trigger':
      return stateForm.test(definition)
        ? [triggerBody(definition), triggerState(table, own, definition)]
        : [definition]
    case 'enum': {
      const labels = definition.split(', ').map((label) => pg.escapeLiteral(label))
      return [`CREATE TYPE ${pg.escapeIdentifier(rest)} AS ENUM (${labels.join(', ')})`]
    }
    case 'domain':
      return [`CREATE DOMAIN ${pg.escapeIdentifier(rest)} AS ${definition}`]
    case 'type':
      return definition.startsWith('(') ? [`CREATE TYPE ${pg.escapeIdentifier(rest)} AS ${definition}`] : []
    case 'sequence':
      return [sequenceAlone(definition)]
    default:
      return /^CREATE /.test(definition) ? [definition.trim().replace(/;$/, '')] : []
  }
}

function dropOf(name: string): string {
  const { kind, rest, table, own } = partsOf(name)
  switch (kind) {
    case 'column':
    case 'constraint':
      return `ALTER TABLE ${table} DROP ${kind.toUpperCase()} ${own}`
    case 'trigger':
    case 'policy':
    case 'rule':
      return `DROP ${kind.toUpperCase()} ${own} ON ${table}`
    case 'function':
      return `DROP ROUTINE ${rest}`
    case 'enum':
      return `DROP TYPE ${pg.escapeIdentifier(rest)}`
    default:
      return `DROP ${kind.toUpperCase()} ${pg.escapeIdentifier(rest)}`
  }
}

function changeOf(name: string, found: string, wanted: string): string[] {
  const { kind, rest, table, own } = partsOf(name)
  switch (kind) {
    case 'column':
      return columnChange({ table, column: own, found, wanted })
    case 'enum':
      return enumChange(rest, found.split(', '), wanted.split(', '))
    case 'table':
      return tableChange(pg.escapeIdentifier(rest), found, wanted)
    case 'function':
      // Another result or other names of arguments take a new function.
      return [wanted.trim(), `DROP ROUTINE ${rest}`]
    case 'trigger':
      return triggerBody(found) === triggerBody(wanted) ? [triggerState(table, own, wanted)] : [dropOf(name)]
    case 'constraint':
      return found === `${wanted} NOT VALID not validated`
        ? [`ALTER TABLE ${table} VALIDATE CONSTRAINT ${own}`]
        : [
            `ALTER TABLE ${table} DROP CONSTRAINT ${own}, ADD CONSTRAINT ${own} ${wanted.replace(/ not validated$/, '')}`,
          ]
    case 'sequence':
      return [sequenceChange(rest, wanted)]
    case 'view':
      return [wanted, dropOf(name)]
    default:
      return [dropOf(name)]
  }
}

function tableChange(table: string, found: string, wanted: string): string[] {
  const switches = [
    ['row level security', 'ENABLE ROW LEVEL SECURITY', 'DISABLE ROW LEVEL SECURITY'],
    ['for the owner too', 'FORCE ROW LEVEL SECURITY', 'NO FORCE ROW LEVEL SECURITY'],
    ['unlogged', 'SET UNLOGGED', 'SET LOGGED'],
    ['replica identity full', 'REPLICA IDENTITY FULL', 'REPLICA IDENTITY DEFAULT'],
    ['replica identity nothing', 'REPLICA IDENTITY NOTHING', 'REPLICA IDENTITY DEFAULT'],
  ] as const
  return switches
    .filter(([word]) => found.includes(word) !== wanted.includes(word))
    .map(([word, on, off]) => `ALTER TABLE ${table} ${wanted.includes(word) ? on : off}`)
}

const stateForm = / (disabled|for replicas|always)$/

function triggerBody(definition: string): string {
  return definition.replace(stateForm, '')
}

function triggerState(table: string, trigger: string, definition: string): string {
  const state = stateForm.exec(definition)?.[1]
  const verbs: Readonly<Record<string, string>> = {
    disabled: 'DISABLE',
    'for replicas': 'ENABLE REPLICA',
    always: 'ENABLE ALWAYS',
  }
  return `ALTER TABLE ${table} ${verbs[state ?? ''] ?? 'ENABLE'} TRIGGER ${trigger}`
}

function tableOf(name: string): string {
  const rest = name.slice(name.indexOf(' ') + 1)
  return rest.slice(0, rest.indexOf('.'))
}

/** `trigger sessions.stamp_row` in its parts; table and own name are quoted. */
function partsOf(name: string): { kind: string; rest: string; table: string; own: string } {
  const [, kind = '', rest = ''] =
    /^(materialized view|text search configuration|\w+) (.*)$/s.exec(name) ?? []
  const at = rest.indexOf('.')
  return {
    kind,
    rest,
    table: pg.escapeIdentifier(rest.slice(0, Math.max(at, 0))),
    own: pg.escapeIdentifier(rest.slice(at + 1)),
  }
}
