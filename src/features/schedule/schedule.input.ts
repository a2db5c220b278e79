import { badUserInput } from '../../errors.ts'
import type { PlacementInput, SlotInput } from '../../generated/graphql.ts'
import { type InputReader, readInput } from '../../input.ts'
import { readMoments } from '../../time/moment-input.ts'
import type { Placement } from './schedule.placements.ts'
import type { SlotChange } from './schedule.slots.ts'

/** @throws BAD_USER_INPUT that names every field that is wrong */
export function parseSlot(input: SlotInput): SlotChange {
  const read = readInput('to')
  const slot = readSlot(read, input, [])
  read.finish()
  return slot
}

/** @throws BAD_USER_INPUT that names every field that is wrong, with the index of its placement */
export function parsePlacements(inputs: readonly PlacementInput[]): Placement[] {
  if (inputs.length === 0 || inputs.length > mostPlacements) {
    throw badUserInput([{ path: ['placements'], message: `must be 1 to ${mostPlacements}.` }])
  }
  const read = readInput('placements')
  const placements = inputs.map((input, index) => ({
    id: input.sessionId,
    expectedVersion: input.expectedVersion ?? null,
    path: ['placements', index, 'sessionId'],
    to: readSlot(read, input, [index]),
    toPath: ['placements', index],
  }))
  read.finish()
  return placements
}

const mostPlacements = 500

function readSlot(read: InputReader, input: SlotInput, place: readonly (string | number)[]): SlotChange {
  const slot = { ...readMoments(read, input, place), roomId: input.roomId }
  if (Object.values(slot).every((value) => value === undefined)) {
    read.fault(place, 'says neither a time nor a room.')
  }
  return slot
}
