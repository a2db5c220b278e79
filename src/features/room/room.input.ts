import type { CreateRoomInput, RoomPatch } from '../../generated/graphql.ts'
import { givenOnly, type InputReader, type Parsed, readWhole } from '../../input.ts'
import { readPeriods } from '../../time/moment-input.ts'
import { roomTexts } from './room.rules.ts'
import type { NewRoom, RoomValues } from './room.ts'

export function parseNewRoom(input: CreateRoomInput): Parsed<NewRoom> {
  const { values, issues } = readWhole('input', input, readValues)
  return { values: { ...values, name: input.name }, issues }
}

export function parseRoomPatch(patch: RoomPatch): Parsed<Partial<RoomValues>> {
  return readWhole('patch', patch, readValues)
}

function readValues(read: InputReader, input: RoomPatch): Partial<RoomValues> {
  if (input.capacity != null && input.capacity < 0) read.fault('capacity', 'must be 0 or more.')
  return givenOnly({
    name: read.text('name', read.required('name', input.name), roomTexts.name) ?? undefined,
    floor: read.text('floor', input.floor, roomTexts.floor),
    capacity: input.capacity,
    openingHours: readPeriods(read, 'openingHours', input.openingHours),
  })
}
