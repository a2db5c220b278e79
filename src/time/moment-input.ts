import type { InputReader } from '../input.ts'
import type { Moment, Moments } from './moment.ts'
import type { Disambiguation } from './wall-clock.ts'

/** The fields of every input that says when something begins and ends. */
export interface MomentsInput {
  readonly startsAt?: Date | null
  readonly endsAt?: Date | null
  readonly startsAtLocal?: string | null
  readonly endsAtLocal?: string | null
  readonly timeZone?: string | null
  readonly disambiguation?: Disambiguation | null
}

/**
 * Times come as instants or on a wall clock, never both in one input: which of them would win?
 *
 * @param place where the input object lies below the argument that is read
 */
export function readMoments(
  read: InputReader,
  input: MomentsInput,
  place: readonly (string | number)[] = [],
): Moments {
  const { startsAt, endsAt, startsAtLocal, endsAtLocal, timeZone = null } = input
  const hasWallClock = startsAtLocal !== undefined || endsAtLocal !== undefined
  if (hasWallClock && (startsAt !== undefined || endsAt !== undefined)) {
    const field = startsAtLocal === undefined ? 'endsAtLocal' : 'startsAtLocal'
    read.fault(
      [...place, field],
      'Send instants (startsAt, endsAt) or wall-clock times (startsAtLocal, endsAtLocal), not both.',
    )
  }
  if (timeZone !== null && !hasWallClock) {
    const message = 'belongs to startsAtLocal and endsAtLocal; instants carry their own offset.'
    read.fault([...place, 'timeZone'], message)
  }
  const disambiguation = input.disambiguation ?? 'REJECT'
  const moment = (
    instant: Date | null | undefined,
    wallClock: string | null | undefined,
  ): Moments['startsAt'] =>
    typeof wallClock === 'string'
      ? { wallClock, timeZone, disambiguation }
      : wallClock === null
        ? null
        : instant
  return { startsAt: moment(startsAt, startsAtLocal), endsAt: moment(endsAt, endsAtLocal) }
}

/** The same for what can't be without a begin and an end: null is a fault. */
export function readRequiredMoments(
  read: InputReader,
  input: MomentsInput,
): { readonly startsAt: Moment | undefined; readonly endsAt: Moment | undefined } {
  const { startsAt, endsAt } = readMoments(read, input)
  const nameOf = (field: 'startsAt' | 'endsAt') => (input[field] === null ? field : `${field}Local`)
  return {
    startsAt: read.required(nameOf('startsAt'), startsAt),
    endsAt: read.required(nameOf('endsAt'), endsAt),
  }
}

/**
 * A whole list of periods; null is none.
 *
 * @returns undefined where the list was left out
 */
export function readPeriods(
  read: InputReader,
  field: string,
  inputs: readonly MomentsInput[] | null | undefined,
): Moments[] | undefined {
  if (inputs === undefined) return undefined
  if (inputs !== null && inputs.length > maxPeriods) {
    read.fault(field, `holds more than ${maxPeriods} periods.`)
    return undefined
  }
  return (inputs ?? []).map((input, index) => {
    const before = read.issues.length
    const period = readMoments(read, input, [field, index])
    for (const end of ['startsAt', 'endsAt'] as const) {
      if (period[end] == null) read.fault([field, index, end], `is missing; send it, or ${end}Local.`)
    }
    // What is said in no way that counts overlaps nothing.
    return read.issues.length > before ? {} : period
  })
}

const maxPeriods = 100
