import type { CreateRoomInput, RoomPatch } from '../../generated/graphql.ts'
import { givenOnly, type InputReader, readWhole } from '../../input.ts'
import { heading, line } from '../../text.ts'
import { readPeriods } from '../../time/moment-input.ts'
import type { NewRoom, RoomValues } from './room.ts'

/** @throws BAD_USER_INPUT that names every field that is wrong */
export function parseNewRoom(input: CreateRoomInput): NewRoom {
  const values = readWhole('input', input, readValues)
  return { ...values, name: input.name }
}

/** @throws BAD_USER_INPUT that names every field that is wrong */
export function parseRoomPatch(patch: RoomPatch): Partial<RoomValues> {
  return readWhole('patch', patch, readValues)
}

function readValues(read: InputReader, input: RoomPatch): Partial<RoomValues> {
  if (input.capacity != null && input.capacity < 0) read.fault('capacity', 'must be 0 or more.')
  return givenOnly({
    name: read.text('name', read.required('name', input.name), heading) ?? undefined,
    floor: read.text('floor', input.floor, line),
    capacity: input.capacity,
    openingHours: readPeriods(read, 'openingHours', input.openingHours),
  })
}
