import { modelNamed } from '../../compiled/data-model.ts'
import type { RootTwin } from '../../compiled/twin.ts'
import { isId } from '../../paging.ts'
import { mostNodes, nodeRules } from './node.rules.ts'
import { isCut } from '../../compiled/marks.ts'
import { readsTooMuch, unlessTooMuch } from '../../compiled/text-budget.ts'
import { assertNever } from '../../errors.ts'
import { Prisma, type RevisedEntity } from '../../generated/prisma/client.ts'
import { longTexts } from '../text/text.rules.ts'
import type { Context } from '../../context.ts'
import type { Select } from '../../selection/merge.ts'
import { rowsById } from '../../selection/rows-by-id.ts'
import { rowOf, type Values } from '../history/history.rules.ts'
import type {
  BreakRow,
  EventRow,
  RoomRow,
  SessionRow,
  SessionTypeRow,
  SpeakerRow,
  TrackRow,
} from '../rows.ts'
import { tableOf } from '../tables.ts'

const types = Object.fromEntries(
  Object.entries(nodeRules).map(([type, { model, visible }]) => [
    type,
    { model, visible: ({ viewer }: Context) => visible(viewer) },
  ]),
)
const anyType = {
  // Of a session that left the programme the public sees something all the same.
  types: { ...types, Session: { ...types['Session']!, elsewhere: 'CanceledSession' } },
  most: mostNodes,
}

export const nodeRoots: Readonly<Record<string, RootTwin<Context>>> = {
  node: { ...anyType, keys: { id: { isKey: isId } } },
  nodes: { ...anyType, keys: {} },
}

export type Entity = Lowercase<RevisedEntity>

/** A row of a programme, as one statement tells it; its GraphQL type is known by its name. */
export type ProgrammeRow = { readonly __typename: ProgrammeType } & (
  EventRow | TrackRow | RoomRow | SessionTypeRow | SpeakerRow | SessionRow | BreakRow
)

export type ProgrammeType = 'Event' | 'Track' | 'Room' | 'SessionType' | 'Speaker' | 'Session' | 'Break'

interface Kind {
  readonly type: ProgrammeType
  readonly fields: Readonly<Record<string, string>>
  /** What one statement can tell along with a row: the field, and the kind and column of the row that it gives. */
  readonly relations: Readonly<Record<string, readonly [Entity, string]>>
}

const inEvent = { event: ['event', 'event_id'] } as const

export const kinds: Readonly<Record<Entity, Kind>> = {
  event: { type: 'Event', fields: Prisma.EventScalarFieldEnum, relations: {} },
  track: { type: 'Track', fields: Prisma.TrackScalarFieldEnum, relations: inEvent },
  room: { type: 'Room', fields: Prisma.RoomScalarFieldEnum, relations: inEvent },
  session_type: {
    type: 'SessionType',
    fields: Prisma.SessionTypeScalarFieldEnum,
    relations: inEvent,
  },
  speaker: { type: 'Speaker', fields: Prisma.SpeakerScalarFieldEnum, relations: inEvent },
  session: {
    type: 'Session',
    fields: Prisma.SessionScalarFieldEnum,
    relations: {
      ...inEvent,
      track: ['track', 'track_id'],
      room: ['room', 'room_id'],
      sessionType: ['session_type', 'session_type_id'],
    },
  },
  break: {
    type: 'Break',
    fields: Prisma.BreakScalarFieldEnum,
    relations: { ...inEvent, room: ['room', 'room_id'] },
  },
}

/** What the client selected of each kind of node; null where it can't be selected there. */
export type NodeSelects = Readonly<Record<Entity, Select>>

/** Whether a row's own values, and those of the single rows that it refers to, are all that is selected. */
export function isTold(entity: Entity, select: Select): boolean {
  const { fields, relations } = kinds[entity]
  return Object.entries(select).every(([name, wanted]) => {
    if (typeof wanted === 'boolean') return name in fields
    const below = wanted.select ?? {}
    if (entity === 'session' && name === 'speakers') return isTold('speaker', speakerSelect(below))
    const relation = relations[name]
    return relation !== undefined && isTold(relation[0], below)
  })
}

/** A row as JSON with those that it refers to, as far as they are selected, and so are its long texts; of a table's alias. */
export function rowAsJson(entity: Entity, alias: string, select: Select): Prisma.Sql {
  const related = Object.entries(select).flatMap(([name, wanted]) => {
    if (typeof wanted === 'boolean') return []
    return [Prisma.sql`${name}::text, ${relatedAsJson(entity, alias, name, wanted.select ?? {})}`]
  })
  const row = ownValues(entity, alias, select)
  if (related.length === 0) return Prisma.sql`json_build_object('row', ${row})`
  return Prisma.sql`json_build_object('row', ${row}, 'related', json_build_object(${Prisma.join(related)}))`
}

/** All of a row's own values as JSON, long texts included; of a table's alias. */
export function wholeRowAsJson(entity: Entity, alias: string): Prisma.Sql {
  const columns = ownColumns(entity).map(([, column]) => `${alias}."${column}"`)
  return Prisma.raw(`json_build_object('row', (SELECT to_json(own) FROM (SELECT ${columns.join(', ')}) own))`)
}

/** A page may refer to thousands of rows, and PostgreSQL makes all of it before it sends any. */
function ownValues(entity: Entity, alias: string, select: Select): Prisma.Sql {
  const columns = ownColumns(entity).flatMap(([name, column]) => {
    const value = `${alias}."${column}"`
    if (!longTexts.includes(name)) return value
    return name in select ? `${unlessTooMuch(value, value)} AS "${column}"` : []
  })
  return Prisma.raw(`(SELECT to_json(own) FROM (SELECT ${columns.join(', ')}) own)`)
}

/** The fields of a kind that are columns, each with its column; what triggers keep for themselves isn't among them. */
function ownColumns(entity: Entity): [name: string, column: string][] {
  return Object.entries(modelNamed(kinds[entity].type).fields).flatMap(([name, field]) =>
    'model' in field ? [] : [[name, field.column]],
  )
}

function relatedAsJson(entity: Entity, alias: string, name: string, select: Select): Prisma.Sql {
  const inner = `${alias}_${name.toLowerCase()}`
  if (entity === 'session' && name === 'speakers') {
    return Prisma.sql`(
      SELECT coalesce(json_agg(${rowAsJson('speaker', inner, speakerSelect(select))} ORDER BY place), '[]')
      FROM unnest(${Prisma.raw(`${alias}.speaker_ids`)}) WITH ORDINALITY AS listed(id, place)
      JOIN speakers ${Prisma.raw(`${inner} ON ${inner}.id = listed.id AND ${inner}.deleted_at IS NULL`)})`
  }
  const [target, column] = kinds[entity].relations[name]!
  const from = Prisma.sql`${tableOf(target)} ${Prisma.raw(`${inner} WHERE ${inner}.id = ${alias}.${column}`)}`
  return Prisma.sql`(SELECT ${rowAsJson(target, inner, select)} FROM ${from})`
}

/** What `rowAsJson` made. */
export interface RowJson {
  readonly row: Values
  readonly related?: Readonly<Record<string, RowJson | RowJson[] | null>>
}

/** The row as Prisma would have given it. @throws QUERY_TOO_COMPLEX if texts of it were left out */
export function rowFrom(entity: Entity, json: RowJson): ProgrammeRow {
  const { type, fields, relations } = kinds[entity]
  for (const name of longTexts) {
    const text = json.row[name]
    if (typeof text === 'string' && isCut(text)) throw readsTooMuch()
  }
  const related = Object.entries(json.related ?? {}).map(([name, below]) => {
    if (Array.isArray(below))
      return [name, below.map((speaker) => ({ speaker: rowFrom('speaker', speaker) }))]
    return [name, below === null ? null : rowFrom(relations[name]![0], below)]
  })
  // The table's own columns, under the names of its Prisma model.
  return {
    __typename: type,
    ...rowOf(Object.values(fields), json.row),
    ...(Object.fromEntries(related) as object),
  } as unknown as ProgrammeRow
}

/** The selected values of rows that the viewer is known to see, by id; for what one statement can't tell. */
export async function nodesById(
  { db }: Context,
  entity: Entity,
  ids: readonly string[],
  select: Select,
): Promise<Map<string, ProgrammeRow>> {
  const rows = await rowsById<ProgrammeRow>((args) => findMany(db, entity, args), ids, select)
  return new Map(
    [...rows].map(([id, row]) => [id, { ...row, __typename: kinds[entity].type } as ProgrammeRow]),
  )
}

function findMany(
  db: Context['db'],
  entity: Entity,
  args: Parameters<Parameters<typeof rowsById>[0]>[0],
): Promise<object[]> {
  switch (entity) {
    case 'event':
      return db.event.findMany(args)
    case 'track':
      return db.track.findMany(args)
    case 'room':
      return db.room.findMany(args)
    case 'session_type':
      return db.sessionType.findMany(args)
    case 'speaker':
      return db.speaker.findMany(args)
    case 'session':
      return db.session.findMany(args)
    case 'break':
      return db.break.findMany(args)
    default:
      return assertNever(entity)
  }
}

/** A session's links to its speakers are selected as `{ speaker: { select } }`. */
function speakerSelect(links: Select): Select {
  const { speaker } = links
  return typeof speaker === 'object' ? (speaker.select ?? {}) : {}
}
