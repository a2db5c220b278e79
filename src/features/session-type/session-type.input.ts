import type { CreateSessionTypeInput, SessionTypePatch } from '../../generated/graphql.ts'
import { givenOnly, type InputReader, type Parsed, readWhole } from '../../input.ts'
import { heading } from '../../text.ts'
import type { NewSessionType, SessionTypeValues } from './session-type.ts'

export function parseNewSessionType(input: CreateSessionTypeInput): Parsed<NewSessionType> {
  const { values, issues } = readWhole('input', input, readValues)
  return { values: { ...values, name: input.name }, issues }
}

export function parseSessionTypePatch(patch: SessionTypePatch): Parsed<Partial<SessionTypeValues>> {
  return readWhole('patch', patch, readValues)
}

function readValues(read: InputReader, input: SessionTypePatch): Partial<SessionTypeValues> {
  const { durationMinutes } = input
  if (durationMinutes != null && (durationMinutes < 1 || durationMinutes > aWeek)) {
    read.fault('durationMinutes', 'must be 1 to 10,080 minutes.')
  }
  return givenOnly({
    name: read.text('name', read.required('name', input.name), heading) ?? undefined,
    durationMinutes: input.durationMinutes,
  })
}

const aWeek = 7 * 24 * 60
