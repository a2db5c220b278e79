import { isDeepStrictEqual } from 'node:util'
import { isRecord } from '../../is-record.ts'
import { uriOf } from '../../links.ts'
import { isWebAddress } from '../../text.ts'
import { longTexts } from '../text/text.rules.ts'

/** Who is right about a value that was changed both here and in the source. */
export type Preference = 'ours' | 'theirs'

/** Values by the names of their fields, as JSON has them: instants are text. */
export type PlainValues = Readonly<Record<string, unknown>>

export interface FieldChange {
  readonly field: string
  readonly before: unknown
  readonly after: unknown
}

/** A field that was changed here and in the source, in different ways. */
export interface FieldConflict {
  readonly field: string
  /** What the source said at its last import. */
  readonly base: unknown
  readonly ours: unknown
  readonly theirs: unknown
  readonly taken: Preference
}

export interface Merged {
  /** What has to be written. */
  readonly changes: readonly FieldChange[]
  readonly conflicts: readonly FieldConflict[]
}

/**
 * Compares, field by field, what a source said at its last import (base), what is stored (ours) and what it says now
 * (theirs). What it changed comes in, what was changed here stays, and where both changed `prefer` decides. Fields that
 * mean nothing without each other are merged as one.
 *
 * @param theirs the fields that are compared: those that the source knows
 */
export function mergeValues(
  { base, ours, theirs }: Record<'base' | 'ours' | 'theirs', PlainValues>,
  prefer: Preference,
): Merged {
  const fields = Object.keys(theirs)
  const sides = new Map(fields.map((field) => [field, sideOf(field, { base, ours, theirs })]))
  for (const bond of bonds) bond(sides, { ours, theirs })
  const changes: FieldChange[] = []
  const conflicts: FieldConflict[] = []
  for (const field of fields) {
    const side = sides.get(field)
    const [before, after] = [ours[field] ?? null, theirs[field] ?? null]
    if (isSame(before, after)) continue
    if (side === 'both') {
      conflicts.push({ field, base: base[field] ?? null, ours: before, theirs: after, taken: prefer })
    }
    if (side === 'theirs' || (side === 'both' && prefer === 'theirs')) changes.push({ field, before, after })
  }
  return { changes, conflicts }
}

/** The values that have to be written: of those that the source says, the ones that come in. */
export function changedValues<Values extends object>({ changes }: Merged, theirs: Values): Partial<Values> {
  const fields = new Set(changes.map(({ field }) => field))
  const comingIn = Object.entries(theirs).filter(([field]) => fields.has(field))
  // A part of the values' own entries.
  return Object.fromEntries(comingIn) as Partial<Values>
}

/** The fields that are not as the source said last: somebody changed them here. */
export function changedHere(base: PlainValues, ours: PlainValues): string[] {
  return Object.keys(base).filter((field) => !isSame(base[field], ours[field]))
}

/** What JSON has of a value: an instant as text, nothing as null. */
export function plain(value: unknown): unknown {
  // What a reader found, or a column holds, is text, a number, an instant, or a list or object of those.
  return value === undefined ? null : (JSON.parse(JSON.stringify(value)) as unknown)
}

/** Of all values but those that are left out. */
export function plainValues(values: object): PlainValues {
  const known = Object.entries(values).filter(([, value]) => value !== undefined)
  return Object.fromEntries(known.map(([field, value]) => [field, plain(value)]))
}

/**
 * Whether two values of JSON say the same. A text does so whatever its line ends and its normal form of Unicode, which differ
 * by the program that wrote the file; an address whether it is escaped, as most formats have it, or not.
 */
export function isSame(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(one, other) || isDeepStrictEqual(asMeant(one ?? null), asMeant(other ?? null))
}

function asMeant(value: unknown): unknown {
  if (typeof value === 'string') {
    if (value.startsWith('http') && isWebAddress(value)) return uriOf(value)
    return value.replace(/\r\n?/g, '\n').normalize('NFC')
  }
  if (Array.isArray(value)) return value.map(asMeant)
  if (!isRecord(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, asMeant(inner)]))
}

/** Who changed a field. */
type Side = 'nobody' | Preference | 'both'
type Sides = Map<string, Side>

function sideOf(field: string, values: Record<'base' | 'ours' | 'theirs', PlainValues>): Side {
  const [base, ours, theirs] = [values.base[field], values.ours[field], values.theirs[field]]
  if (isSame(ours, theirs)) return 'nobody'
  // What a source never spoke of, and nobody filled in here, is the source's to fill in.
  if (base === undefined && isUnset(field, ours)) return 'theirs'
  if (isSame(base, theirs)) return 'ours'
  return isSame(base, ours) ? 'theirs' : 'both'
}

/** Whether a value that can't be null is as every new row has it. */
function isUnset(field: string, ours: unknown): boolean {
  return field === 'dayStartsAt' ? ours === '00:00' : Array.isArray(ours) && ours.length === 0
}

type Bond = (sides: Sides, values: { readonly ours: PlainValues; readonly theirs: PlainValues }) => void

const bonds: readonly Bond[] = [
  // A start of one edition with an end of another could be any length, or none.
  (sides) => bind(sides, ['startsAt', 'endsAt']),
  // A room of theirs at a time of ours is a place that nobody chose.
  (sides) => {
    const placement = ['startsAt', 'endsAt', 'roomId']
    if (placement.some((field) => sides.get(field) === 'both')) bind(sides, placement)
  },
  // A text of the one would be read in the format of the other.
  (sides, { ours }) => {
    if ((sides.get('textFormat') ?? 'nobody') === 'nobody') return
    if (longTexts.every((field) => (ours[field] ?? null) === null)) {
      sides.set('textFormat', 'theirs')
    } else bind(sides, [...longTexts, 'textFormat'])
  },
  // Markdown is what texts are taken for if the file doesn't say how they are written: no news of texts that stay.
  (sides, { theirs }) => {
    const isNews = longTexts.some((field) => (sides.get(field) ?? 'nobody') !== 'nobody')
    if (theirs['textFormat'] === 'MARKDOWN' && !isNews) sides.set('textFormat', 'nobody')
  },
]

/** If both changed something among the fields, then both changed all of them that changed. */
function bind(sides: Sides, fields: readonly string[]): void {
  const changed = fields.filter((field) => (sides.get(field) ?? 'nobody') !== 'nobody')
  const isOneSided = new Set(changed.map((field) => sides.get(field))).size === 1
  if (!isOneSided) for (const field of changed) sides.set(field, 'both')
}
