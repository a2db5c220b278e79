import { badUserInput } from '../../errors.ts'
import type { EventScheduleConflictsArgs, PlacementInput, SlotInput } from '../../generated/graphql.ts'
import { type InputReader, maxListed, type Parsed, readInput, readWhole } from '../../input.ts'
import { firstUpTo } from '../../paging.ts'
import { readMoments } from '../../time/moment-input.ts'
import type { Placement } from './schedule.placements.ts'
import { kindsInOrder, severities } from './schedule.rules.ts'
import type { SlotChange } from './schedule.slots.ts'
import { type ConflictFilter, mostConflicts } from './schedule.ts'

export function parseSlot(input: SlotInput): Parsed<SlotChange> {
  return readWhole('to', input, (read) => readSlot(read, input, []))
}

/** @throws BAD_USER_INPUT where `first` can't be */
export function parseConflictFilter({
  kinds,
  severities: bad,
  first,
}: EventScheduleConflictsArgs): ConflictFilter {
  return {
    kinds: kindsInOrder.filter(
      (kind) => (kinds?.includes(kind) ?? true) && (bad?.includes(severities[kind]) ?? true),
    ),
    first: firstUpTo(first, mostConflicts),
  }
}

/** @throws BAD_USER_INPUT for none, and for so many that they aren't looked at */
export function parsePlacements(inputs: readonly PlacementInput[]): Parsed<Placement[]> {
  if (inputs.length === 0 || inputs.length > maxListed) {
    throw badUserInput([{ path: ['placements'], message: `must be 1 to ${maxListed}.` }])
  }
  const read = readInput('placements')
  const placements = inputs.map((input, index) => ({
    id: input.sessionId,
    expectedVersion: input.expectedVersion ?? null,
    path: ['placements', index, 'sessionId'],
    to: readSlot(read, input, [index]),
    toPath: ['placements', index],
  }))
  return { values: placements, issues: read.issues }
}

function readSlot(read: InputReader, input: SlotInput, place: readonly (string | number)[]): SlotChange {
  const slot = { ...readMoments(read, input, place), roomId: input.roomId }
  if (Object.values(slot).every((value) => value === undefined)) {
    read.fault(place, 'says neither a time nor a room.')
  }
  return slot
}
