import type { CreateSessionTypeInput, SessionTypePatch } from '../../generated/graphql.ts'
import { givenOnly, type InputReader, type Parsed, readWhole } from '../../input.ts'
import { faultOfDuration, sessionTypeTexts } from './session-type.rules.ts'
import type { NewSessionType, SessionTypeValues } from './session-type.ts'

export function parseNewSessionType(input: CreateSessionTypeInput): Parsed<NewSessionType> {
  const { values, issues } = readWhole('input', input, readValues)
  return { values: { ...values, name: input.name }, issues }
}

export function parseSessionTypePatch(patch: SessionTypePatch): Parsed<Partial<SessionTypeValues>> {
  return readWhole('patch', patch, readValues)
}

function readValues(read: InputReader, input: SessionTypePatch): Partial<SessionTypeValues> {
  const fault = input.durationMinutes == null ? null : faultOfDuration(input.durationMinutes)
  if (fault !== null) read.fault('durationMinutes', fault)
  return givenOnly({
    name: read.text('name', read.required('name', input.name), sessionTypeTexts.name) ?? undefined,
    durationMinutes: input.durationMinutes,
  })
}
