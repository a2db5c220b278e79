import type { Node } from 'libpg-query'
import { knownColumn } from '../sql/known-schema.ts'
import { nodesOf, relationName, asKind, typeText } from '../sql/tree.ts'
import { objectName } from '../sql/touched-objects.ts'
import { keepsRows } from '../sql/type-change.ts'
import type { ReleasedSchema } from '../files/released-schema.ts'
import { type ReadMigration, statementsOf } from './read-migration.ts'
import type { SqlStatement } from '../sql/parse.ts'

/** Something that code which runs may still ask for, and that a migration takes away. */
export interface Removal {
  readonly statement: SqlStatement
  /** `drops the column sessions.title` */
  readonly text: string
  readonly isUsedBy: (release: ReleasedSchema) => boolean
}

/** What was there before the migration, and isn't, or isn't the same, after it. */
export function removalsOf(migration: ReadMigration): Removal[] {
  return [
    ...statementsOf(migration).flatMap((statement) => [
      ...removedTables(migration, statement),
      ...removedColumns(migration, statement),
    ]),
    ...removedValues(migration),
  ]
}

function removedTables(migration: ReadMigration, statement: SqlStatement): Removal[] {
  const { before, newTables } = migration
  const dropped = asKind(statement.tree, 'DropStmt')
  const renamed = asKind(statement.tree, 'RenameStmt')
  const moved = asKind(statement.tree, 'AlterObjectSchemaStmt')
  const gone = [
    ...(dropped !== undefined && isRelation(dropped.removeType)
      ? (dropped.objects ?? []).map(objectName)
      : []),
    ...(isRelation(renamed?.renameType) && renamed?.relation ? [relationName(renamed.relation)] : []),
    ...(moved?.objectType === 'OBJECT_TABLE' && moved.relation ? [relationName(moved.relation)] : []),
  ]
  const verb = dropped === undefined ? 'renames' : 'drops'
  const type = dropped?.removeType ?? renamed?.renameType ?? 'OBJECT_TABLE'
  // A view that is made anew in the same migration is only changed.
  const made = statementsOf(migration).flatMap(({ tree }) => asKind(tree, 'ViewStmt')?.view ?? [])
  const views = new Set(made.map(relationName))
  return gone
    .filter((table) => (!newTables.has(table) || before.tables.has(table)) && !views.has(table))
    .map((table) => ({
      statement,
      text: `${verb} ${type === 'OBJECT_TABLE' ? 'the table' : 'the view'} ${table}`,
      isUsedBy: ({ tables }) => tables.has(table),
    }))
}

/** What Prisma selects from: a view as well. */
function isRelation(type: string | undefined): boolean {
  return type === 'OBJECT_TABLE' || type === 'OBJECT_VIEW' || type === 'OBJECT_MATVIEW'
}

function removedColumns(migration: ReadMigration, statement: SqlStatement): Removal[] {
  const { before, after, newTables } = migration
  const altered = asKind(statement.tree, 'AlterTableStmt')
  const renamed = asKind(statement.tree, 'RenameStmt')
  const relation = altered?.relation ?? renamed?.relation
  const table = relation === undefined ? '' : relationName(relation)
  // Where the table isn't known, neither is what it had: then the migration's own columns count as old ones.
  const isNew = (column: string) =>
    newTables.has(table) || (before.tables.has(table) && !before.tables.get(table)!.has(column))
  const removal = (column: string, text: string): Removal => ({
    statement,
    text,
    isUsedBy: ({ tables }) => tables.get(table)?.has(column) === true,
  })
  const commands = nodesOf(altered?.cmds, 'AlterTableCmd').filter(({ name = '' }) => !isNew(name))
  const changes = commands.flatMap(({ subtype, name = '', def }) => {
    if (subtype === 'AT_DropColumn') return [removal(name, `drops the column ${table}.${name}`)]
    if (subtype !== 'AT_AlterColumnType') return []
    const was = before.tables.get(table)?.get(name)?.type ?? null
    const typeName = asKind(def, 'ColumnDef')?.typeName
    const becomes = after.tables.get(table)?.get(name)?.type ?? (typeName && typeText(typeName)) ?? ''
    return isReadTheSame(was, becomes)
      ? []
      : [removal(name, `makes the column ${table}.${name} a ${becomes}${was ? ` (it is ${was})` : ''}`)]
  })
  const from = renamed?.subname ?? ''
  return renamed?.renameType === 'OBJECT_COLUMN' && !isNew(from)
    ? [...changes, removal(from, `renames the column ${table}.${from} to ${renamed.newname ?? ''}`)]
    : changes
}

/** Prisma asks for text as for varchar, but not for a timestamp as for a timestamptz. */
function isReadTheSame(was: string | null, becomes: string): boolean {
  const isStamp = /^timestamp/.test(becomes) && was?.replace(/\(.*/, '') !== becomes.replace(/\(.*/, '')
  return keepsRows(was, becomes) && !isStamp
}

/** By what is there in the end: Prisma makes a second type, moves the columns over, and renames it. */
function removedValues(migration: ReadMigration): Removal[] {
  const { before, after } = migration
  return [...before.enums].flatMap(([type, values]) => {
    const left = after.enums.get(type)
    const gone = [...values].filter((value) => !left?.has(value))
    if (gone.length === 0) return []
    const statement = statementsOf(migration).find(({ text }) => text.includes(type))
    if (statement === undefined) return []
    const text =
      left === undefined
        ? `drops or renames the type ${type}`
        : `takes ${gone.map((value) => `'${value}'`).join(', ')} from the type ${type}`
    return [
      {
        statement,
        text,
        isUsedBy: ({ enums }) =>
          left === undefined ? enums.has(type) : gone.some((value) => enums.get(type)?.has(value)),
      },
    ]
  })
}

/** What takes nothing away, but stops code that doesn't know of it yet. */
export function obstaclesFor(
  migration: ReadMigration,
  release: ReleasedSchema,
): { statement: SqlStatement; text: string }[] {
  return statementsOf(migration).flatMap((statement) => {
    const altered = asKind(statement.tree, 'AlterTableStmt')
    const table = altered?.relation === undefined ? '' : relationName(altered.relation)
    const columns = release.tables.get(table)
    if (columns === undefined || migration.newTables.has(table)) return []
    return nodesOf(altered?.cmds, 'AlterTableCmd').flatMap((command) => {
      const name = command.name ?? asKind(command.def, 'ColumnDef')?.colname ?? ''
      const isRequired = columns.get(name)?.isRequired
      if (command.subtype === 'AT_AddColumn' && isRequiredWithoutValue(command.def)) {
        return [{ statement, text: `its INSERTs don't give ${table}.${name} a value` }]
      }
      const isFilled = migration.after.tables.get(table)?.get(name)?.hasDefault === true
      if (command.subtype === 'AT_SetNotNull' && isRequired !== true && (isRequired === false || !isFilled)) {
        return [{ statement, text: `it may leave ${table}.${name} NULL` }]
      }
      if (command.subtype === 'AT_DropNotNull' && isRequired === true) {
        return [{ statement, text: `it doesn't expect NULL in ${table}.${name}` }]
      }
      return []
    })
  })
}

/** NOT NULL, and nothing that fills it. */
export function isRequiredWithoutValue(definition: Node | undefined): boolean {
  const column = asKind(definition, 'ColumnDef')
  if (column === undefined) return false
  const { isRequired, hasDefault } = knownColumn(column)
  return isRequired && !hasDefault
}
