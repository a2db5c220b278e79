import type { Context } from '../../context.ts'
import type { Select } from '../../selection/merge.ts'
import type { BreakRow } from '../break/break.selection.ts'
import type { RoomRow } from '../room/room.selection.ts'
import type { SessionRow } from '../session/session.selection.ts'
import type { SpeakerRow } from '../speaker/speaker.selection.ts'

/** The selected values of the sessions of conflicts, which the viewer may know of already, by id. */
export async function sessionsWith(
  { db }: Context,
  ids: readonly string[],
  select: Select,
): Promise<Map<string, SessionRow>> {
  return byId<SessionRow>(await db.session.findMany(those(ids, select)))
}

/** The same of their rooms. */
export async function roomsWith(
  { db }: Context,
  ids: readonly string[],
  select: Select,
): Promise<Map<string, RoomRow>> {
  return byId<RoomRow>(await db.room.findMany(those(ids, select)))
}

/** The same of their speakers. */
export async function speakersWith(
  { db }: Context,
  ids: readonly string[],
  select: Select,
): Promise<Map<string, SpeakerRow>> {
  return byId<SpeakerRow>(await db.speaker.findMany(those(ids, select)))
}

/** The same of the breaks that they overlap. */
export async function breaksWith(
  { db }: Context,
  ids: readonly string[],
  select: Select,
): Promise<Map<string, BreakRow>> {
  return byId<BreakRow>(await db.break.findMany(those(ids, select)))
}

function those(ids: readonly string[], select: Select) {
  return { where: { id: { in: [...ids] } }, orderBy: { id: 'asc' as const }, select: { ...select, id: true } }
}

/** Prisma can't type a `select` that is only known at run time; the plans and their test answer for it. */
function byId<Row extends { readonly id: string }>(rows: readonly object[]): Map<string, Row> {
  return new Map((rows as Row[]).map((row) => [row.id, row]))
}
