import type { CreateBreakInput, BreakPatch } from '../../generated/graphql.ts'
import { givenOnly, type InputReader, type Parsed, readInput, readWhole } from '../../input.ts'
import { heading } from '../../text.ts'
import { readRequiredMoments } from '../../time/moment-input.ts'
import type { BreakValues } from './break.ts'

export function parseNewBreak(input: CreateBreakInput): Parsed<BreakValues> {
  const read = readInput('input')
  const values = readValues(read, input)
  const { startsAt, endsAt } = values
  if (startsAt === undefined) read.fault('startsAt', 'is missing; send it, or startsAtLocal.')
  if (endsAt === undefined) read.fault('endsAt', 'is missing; send it, or endsAtLocal.')
  // What is missing is among the issues.
  const times = { startsAt: startsAt!, endsAt: endsAt! }
  return { values: { roomId: null, ...values, name: input.name, ...times }, issues: read.issues }
}

export function parseBreakPatch(patch: BreakPatch): Parsed<Partial<BreakValues>> {
  return readWhole('patch', patch, readValues)
}

function readValues(read: InputReader, input: BreakPatch): Partial<BreakValues> {
  return givenOnly({
    name: read.text('name', read.required('name', input.name), heading) ?? undefined,
    ...readRequiredMoments(read, input),
    roomId: input.roomId,
  })
}
