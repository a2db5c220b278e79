import { isDeepStrictEqual } from 'node:util'
import type { Context } from '../../context.ts'
import { conflict } from '../../errors.ts'
import type { RevisedEntity } from '../../generated/prisma/client.ts'
import { formatInstant } from '../../time/instant.ts'
import { instantFromWallClock } from '../../time/wall-clock.ts'
import type { Moment, Moments } from '../../time/moment.ts'
import { tableOf } from '../tables.ts'
import { changesOf, differenceOver, fieldsIn, isBaseline, periodLists, type Values } from './history.rules.ts'

/** What becomes of a change that was made for a version which is no longer current. */
export type OnConflict = 'REFUSE' | 'MERGE'

/** Which thing a change is for, and at which version. */
export interface ChangeFor {
  readonly id: string
  /** null: whatever the version is. */
  readonly expectedVersion: number | null
  /** REFUSE unless said. */
  readonly onConflict?: OnConflict
  /** The values of a patch, by their names there; times may be moments. */
  readonly sent?: object
}

/** What is stored of the thing that is to be changed. */
export interface StoredVersion {
  readonly id: string
  readonly version: number
  readonly lastModifiedAt: Date
  /** The event's. */
  readonly timeZone: string
}

/** How far the viewer may be told what the thing holds, and held. */
export interface ConflictSight {
  /** Whether its history is the viewer's to read. */
  readonly readsHistory: boolean
  /** What of the present values the viewer may read; null: nothing. Asked only if there is a conflict. */
  readonly show: (values: Values) => Promise<Values | null>
}

/** Values that are one thing to people: a place in the schedule is a time in a room. */
const together: Readonly<Partial<Record<RevisedEntity, readonly string[]>>> = {
  SESSION: ['startsAt', 'endsAt', 'roomId'],
  BREAK: ['startsAt', 'endsAt', 'roomId'],
  EVENT: ['startsAt', 'endsAt', 'timeZone'],
}

/**
 * For whoever holds an old version: refuses the change that was made for it, unless it is to be merged and nobody has
 * changed since what it writes.
 *
 * @throws CONFLICT with what is stored now, the fields in which it differs from the version that was expected, and the
 *   values of those and of what was sent, as far as the viewer may read them
 */
export async function requireVersion(
  ctx: Context,
  entity: RevisedEntity,
  stored: StoredVersion,
  { change, sight }: { readonly change: ChangeFor; readonly sight: ConflictSight },
): Promise<void> {
  const { expectedVersion, onConflict = 'REFUSE' } = change
  if (expectedVersion === null || expectedVersion === stored.version) return
  const sent = sentValues(change.sent ?? {}, stored.timeZone)
  const since = await sinceVersion(ctx, entity, stored, expectedVersion)
  const inTheWay = onConflict === 'MERGE' && since.isWhole ? fieldsInTheWay(entity, sent, since) : null
  if (inTheWay?.length === 0) return
  const { now, base, changed, isWhole } = since
  const differing = Object.keys(sent).filter((field) => !isDeepStrictEqual(sent[field], now[field] ?? null))
  const shown = sight.readsHistory ? now : await sight.show(now)
  const conflicts = [...new Set(inTheWay ?? [...changed, ...differing])].toSorted().map((field) => ({
    field,
    ...(sight.readsHistory && isWhole ? { base: base[field] ?? null } : {}),
    ...(shown === null ? {} : { stored: shown[field] ?? null }),
    ...(field in sent ? { sent: sent[field] } : {}),
  }))
  const noun = entity.toLowerCase().replace('_', ' ')
  const advice =
    inTheWay !== null
      ? `Others changed what you would write: ${inTheWay.toSorted().join(', ')}. Decide between the values in extensions.conflicts, then repeat the change with the new version.`
      : onConflict === 'MERGE'
        ? "The history doesn't tell what happened since that version, so nothing can be merged. Read it again, then repeat the change with the new version."
        : undefined
  throw conflict(noun, { expectedVersion, current: stored, changedFields: changed, conflicts, advice })
}

/** What a patch writes that others changed since, to something else, with what belongs to it. */
function fieldsInTheWay(entity: RevisedEntity, sent: Values, { now, changed }: Since): string[] {
  const group = together[entity] ?? []
  const writes = Object.keys(sent).filter((field) => !isDeepStrictEqual(sent[field], now[field] ?? null))
  const belonging = (field: string) => (group.includes(field) ? group : [field])
  const clashing = writes.map(belonging).filter((fields) => fields.some((field) => changed.includes(field)))
  const concerned = new Set(clashing.flat())
  return [...concerned].filter((field) => changed.includes(field) || writes.includes(field))
}

interface Since {
  /** What is stored, by the names of a patch. */
  readonly now: Values
  /** What was stored at the version that was expected, if `isWhole`. */
  readonly base: Values
  readonly changed: readonly string[]
  /** Whether the history tells all that happened since. */
  readonly isWhole: boolean
}

async function sinceVersion(
  { db }: Context,
  entity: RevisedEntity,
  { id, version }: StoredVersion,
  expectedVersion: number,
): Promise<Since> {
  const revisions = (await db.revision.findMany({
    where: { entity, entityId: id, version: { gt: expectedVersion } },
    orderBy: { version: 'asc' },
    select: { before: true, after: true },
    // The triggers write nothing but objects there.
  })) as { before: Values; after: Values }[]
  const [row] = await db.$queryRaw<{ values: Values }[]>`
    SELECT to_jsonb(t) AS values FROM ${tableOf(entity)} t WHERE id = ${id}::uuid`
  const difference = differenceOver(revisions)
  const columns = Object.fromEntries(
    changesOf({}, row?.values ?? {}).map(({ field, after }) => [field, after]),
  )
  const before = Object.fromEntries(difference.map((change) => [change.field, change.before]))
  return {
    now: joined(columns),
    base: joined({ ...columns, ...before }),
    changed: fieldsIn(difference),
    isWhole:
      expectedVersion > 0 && revisions.length === version - expectedVersion && !revisions.some(isBaseline),
  }
}

/** What is one list of periods to clients is two columns of instants. */
function joined(columns: Values): Values {
  const values = { ...columns }
  for (const [list, [from, until]] of Object.entries(periodLists)) {
    const [starts, ends] = [columns[from], columns[until]]
    if (!Array.isArray(starts) || !Array.isArray(ends)) continue
    values[list] = starts.map((startsAt: unknown, at) => ({ startsAt, endsAt: ends[at] as unknown }))
  }
  return values
}

/** What a patch sends, as the history writes values: instants in UTC, ids in lower case. */
function sentValues(sent: object, timeZone: string): Values {
  return Object.fromEntries(
    Object.entries(sent)
      .filter(([, value]) => value !== undefined)
      .map(([field, value]) => [field, sentValue(field, value, timeZone)]),
  )
}

function sentValue(field: string, value: unknown, timeZone: string): unknown {
  if (Array.isArray(value)) return value.map((item) => sentValue(field, item, timeZone))
  if (typeof value === 'string' && /Ids?$/.test(field)) return value.toLowerCase()
  if (value instanceof Date) return formatInstant(value)
  if (typeof value !== 'object' || value === null) return value
  // Of what a patch holds only moments and periods of them are objects with these names.
  if ('wallClock' in value) return instantText(value as Exclude<Moment, Date>, timeZone)
  if (!('startsAt' in value || 'endsAt' in value)) return value
  const { startsAt = null, endsAt = null } = value as Moments
  return {
    startsAt: sentValue('startsAt', startsAt, timeZone),
    endsAt: sentValue('endsAt', endsAt, timeZone),
  }
}

/** The instant that a wall-clock time means; the time itself where a clock change makes it none. */
function instantText(moment: Exclude<Moment, Date>, eventZone: string): string {
  const { wallClock, timeZone, disambiguation } = moment
  try {
    return formatInstant(instantFromWallClock(wallClock, timeZone ?? eventZone, disambiguation))
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    return wallClock
  }
}
