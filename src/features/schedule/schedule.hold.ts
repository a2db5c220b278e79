import { may, refusal } from '../../access/may.ts'
import type { Permission } from '../../access/permissions.ts'
import type { Context } from '../../context.ts'
import { allTogether, ApiError, badUserInput, type InputIssue, notFound, type Refusal } from '../../errors.ts'
import { isId } from '../../paging.ts'
import { requireVersion } from '../history/history.conflict.ts'
import { type HeldSession, lockSessions, seesDeletion, sightOf } from '../session/session.hold.ts'
import { visibleSessionsAnywhere } from '../session/session.rules.ts'

/** One of several sessions that are to be changed together. */
export interface SessionToHold {
  readonly id: string
  /** null: whatever the version is. */
  readonly expectedVersion: number | null
  /** Where the client named the id. */
  readonly path: InputIssue['path']
}

/** Several sessions that are held, and what is wrong with how they were named. */
export interface HeldTogether {
  /** In the order in which they were asked for; null for one that the viewer can't see. */
  readonly held: readonly (HeldSession | null)[]
  readonly refusals: readonly Refusal[]
  readonly issues: readonly InputIssue[]
}

/**
 * Holds several sessions of one event for a change that needs the permission, in as many statements as one;
 * of conflicts each costs one more. Nothing may be written before `requireAllHeld`.
 */
export async function holdAllToChange(
  tx: Context,
  wanted: readonly SessionToHold[],
  needed: Permission,
): Promise<HeldTogether> {
  const locked = await lockSessions(tx, wanted.map(({ id }) => id).filter(isId))
  const rows = locked.filter((row) => seesDeletion(tx, row))
  const byId = new Map(rows.map((row) => [row.id, row]))
  const refusals: Refusal[] = []
  const held: (HeldSession | null)[] = []
  const issues: InputIssue[] = []
  const unseen = await unseenAmong(
    tx,
    rows.filter((row) => !may(tx.viewer, needed, row)),
  )
  for (const { id, expectedVersion, path } of wanted) {
    const row = byId.get(id.toLowerCase())
    const isSeen = row !== undefined && !unseen.has(row.id)
    const error = isSeen ? await refusalOf(tx, row, expectedVersion, needed) : notFound('session', id)
    if (error !== null) refusals.push({ path, error })
    if (row === undefined || error?.code === 'NOT_FOUND') {
      held.push(null)
      continue
    }
    if (held.includes(row)) issues.push({ path, message: 'names a session twice.' })
    else if (row.eventId !== (held.find((other) => other !== null) ?? row).eventId) {
      issues.push({ path, message: 'is of another event than the first; name sessions of one event.' })
    }
    held.push(row)
  }
  return { held, refusals, issues }
}

/**
 * @param faults of the rest of the input
 * @returns the sessions, all of which may be changed now
 * @throws as `holdToChange`, with all that are refused and their places; BAD_USER_INPUT where one is named twice, or is of
 *   another event than the first, and for the faults. Whatever the code is, all of it is listed.
 */
export function requireAllHeld(
  { held, refusals, issues }: HeldTogether,
  faults: readonly InputIssue[],
): HeldSession[] {
  const all = [...issues, ...faults]
  const [first, ...others] = refusals.toSorted((one, other) => gravityOf(other) - gravityOf(one))
  if (first !== undefined) throw allTogether([first, ...others], all)
  if (all.length > 0) throw badUserInput(all)
  return held.filter((session) => session !== null)
}

function gravityOf({ error }: Refusal): number {
  return ['CONFLICT', 'FORBIDDEN', 'NOT_FOUND'].indexOf(error.code)
}

async function refusalOf(
  tx: Context,
  row: HeldSession,
  expectedVersion: number | null,
  needed: Permission,
): Promise<ApiError | null> {
  if (!may(tx.viewer, needed, row)) return refusal(tx.viewer, needed)
  try {
    const change = { id: row.id, expectedVersion }
    await requireVersion(tx, 'SESSION', row, { change, sight: sightOf(tx, row) })
    return row.deletedAt === null ? null : notFound('session', row.id)
  } catch (error) {
    if (error instanceof ApiError) return error
    throw error
  }
}

/** The ids of those of the sessions that the viewer may not even see. One statement for all. */
async function unseenAmong({ db, viewer }: Context, rows: readonly HeldSession[]): Promise<Set<string>> {
  const ids = new Set(rows.map(({ id }) => id))
  if (ids.size === 0) return ids
  const seen = await db.session.findMany({
    where: { id: { in: [...ids] }, AND: visibleSessionsAnywhere(viewer) },
    orderBy: { id: 'asc' },
    select: { id: true },
  })
  for (const { id } of seen) ids.delete(id)
  return ids
}
