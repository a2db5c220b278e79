import { isId } from '../paging.ts'
import { wallClockOf } from '../time/wall-clock.ts'
import { columnOf, relationOf } from './data-model.ts'
import { isOrdinary, JsonText, milliseconds, writeValue } from './json-text.ts'
import { unsayable } from './marks.ts'
import { periodsText } from './periods.ts'
import { writeOne, writeThrough } from './relation.ts'
import { belongs, Scope } from './statement.ts'
import type { OneOfRoot, Twin, TwinField, WantedRows } from './twin.ts'
import { condition } from './where.ts'

/** A root field that finds a row by its id. @param visible the rows that the viewer may see */
export function byId<Context>(model: string, visible: (context: Context) => object): OneOfRoot<Context> {
  return { model, keys: { id: { isKey: isId, where: (id) => ({ id }) } }, visible }
}

/** The row of a to-one relation, unless it is deleted. */
export function unlessDeleted<Context>(field: TwinField<Context>): void {
  writeOne(field, field.name, { deletedAt: null })
}

/**
 * The rows behind the rows of a link of the field's name.
 *
 * @param next the relation that leads to them
 * @param most how many an answer shows in all such lists; null: any number
 */
export function through<Context>(next: string, most: number | null = null): Twin<Context> {
  return (field) => writeThrough(field, field.name, { next, most })
}

/** The column of the field's name: its resolver is for what doesn't come from the table. */
export function asColumn<Context>({ scope, name, text }: TwinField<Context>): void {
  writeValue(text, scope.column(name), columnOf(scope.model, name))
}

/**
 * The column of the field's name, which holds texts that may be long. All aliases of one count with the first, so that
 * none is made if there is no room for all.
 */
export function longText<Context>({ scope, name, text, aliases }: TwinField<Context>): void {
  const { isFirst, number } = aliases()
  writeValue(text, scope.column(name), columnOf(scope.model, name), isFirst ? number : 0)
}

/** A column of the row that a to-one relation holds; null if there is no such row. */
export function columnBehind<Context>(relation: string, column: string): Twin<Context> {
  return ({ scope, text }) => {
    const one = new Scope(scope.statement, relationOf(scope.model, relation).model)
    const value = new JsonText()
    writeValue(value, one.column(column), columnOf(one.model, column))
    text.sql(
      `coalesce((SELECT ${value.toSql()} FROM ${one.from} WHERE ${belongs(scope, relation, one)}), 'null')`,
    )
  }
}

/**
 * A page of the relation of the field's name.
 *
 * @param listOf what the resolver makes of the arguments; the plan says which rows are in it, unless this does
 * @param behind of links: the relation that leads to what is shown
 */
export function connection<Context>(
  listOf: (field: TwinField<Context>) => Pick<WantedRows, 'page'> | WantedRows,
  { behind }: { readonly behind?: string } = {},
): Twin<Context> {
  return (field) => {
    const { scope, name } = field
    const wanted = listOf(field)
    const list = {
      ...('rows' in wanted
        ? wanted
        : { ...wanted, rows: field.relation(name), counted: field.counted(name) }),
      model: relationOf(scope.model, name).model,
      of: [scope, name] as const,
      whose: eventIdOf(field),
    }
    field.connection(behind === undefined ? list : { ...list, behind })
  }
}

/** SQL of the id of the event that the row of a field is, or is in. */
export function eventIdOf<Context>({ scope, type }: TwinField<Context>): string {
  return scope.column(type === 'Event' ? 'id' : 'eventId')
}

/** Periods, from the columns that hold their begins and their ends. */
export function periods<Context>(from: string, until: string): Twin<Context> {
  return (field) => void field.text.sql(periodsText(field, from, until))
}

/** What `twin` says if the row is one of these, null otherwise. @param where as Prisma has it */
export function onlyIf<Context>(
  where: (context: Context) => object,
  twin: (field: TwinField<Context>) => string,
): Twin<Context> {
  return (field) => {
    const found = condition(field.scope, where(field.context))
    const text = found === 'FALSE' ? "'null'" : `CASE WHEN ${found} THEN ${twin(field)} ELSE 'null' END`
    field.text.sql(text)
  }
}

/**
 * An instant on the clocks of the zone that is asked for, or of the event. PostgreSQL's tables of zones aren't Node's, so
 * Node writes it.
 */
export function wallClock<Context>(column: string): Twin<Context> {
  return (field) => {
    const { scope, text, args } = field
    const instant = scope.column(column)
    const asked = args['timeZone']
    const write = typeof asked === 'string' ? (at: string) => clockIn(at, asked) : clockOfEvent
    const zone = typeof asked === 'string' ? '' : `||to_json(${zoneOf(scope)})::text`
    const later = field.later(write, `${milliseconds(instant)}${zone === '' ? '::text' : `||' '${zone}`}`)
    const nothing = columnOf(scope.model, column).isRequired ? '' : `WHEN ${instant} IS NULL THEN 'null' `
    text.sql(`CASE ${nothing}WHEN ${isOrdinary(instant)} THEN ${later} ELSE ${unsayable} END`)
  }
}

function zoneOf(scope: Scope): string {
  return (scope.model.table === 'events' ? scope : scope.one('event')).column('timeZone')
}

/** @param values '1764547200000 "Europe/Berlin"' */
function clockOfEvent(values: string): string {
  const space = values.indexOf(' ')
  return clockIn(values.slice(0, space), JSON.parse(values.slice(space + 1)) as string)
}

function clockIn(milliseconds: string, timeZone: string): string {
  return `"${wallClockOf(new Date(Number(milliseconds)), timeZone)}"`
}
