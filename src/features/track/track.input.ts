import type { CreateTrackInput, TrackPatch } from '../../generated/graphql.ts'
import { givenOnly, type InputReader, type Parsed, readWhole } from '../../input.ts'
import { trackTexts } from './track.rules.ts'
import type { NewTrack, TrackValues } from './track.ts'

export function parseNewTrack(input: CreateTrackInput): Parsed<NewTrack> {
  const { values, issues } = readWhole('input', input, readValues)
  return { values: { ...values, name: input.name }, issues }
}

export function parseTrackPatch(patch: TrackPatch): Parsed<Partial<TrackValues>> {
  return readWhole('patch', patch, readValues)
}

function readValues(read: InputReader, input: TrackPatch): Partial<TrackValues> {
  return givenOnly({
    name: read.text('name', read.required('name', input.name), trackTexts.name) ?? undefined,
    description: read.text('description', input.description, trackTexts.description),
    color: readColor(read, input.color),
  })
}

function readColor(read: InputReader, color: string | null | undefined): string | null | undefined {
  if (typeof color !== 'string' || /^#[0-9a-f]{6}$/i.test(color)) return color?.toLowerCase() ?? color
  read.fault('color', "must be a colour such as '#00a0ff'.")
  return undefined
}
