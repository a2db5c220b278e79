import type { CreateSpeakerInput, SpeakerPatch } from '../../generated/graphql.ts'
import { givenOnly, type InputReader, type Parsed, readWhole } from '../../input.ts'
import { readPeriods } from '../../time/moment-input.ts'
import { readLinks } from '../link/link.rules.ts'
import { speakerTexts } from './speaker.rules.ts'
import type { NewSpeaker, SpeakerValues } from './speaker.ts'

export function parseNewSpeaker(input: CreateSpeakerInput): Parsed<NewSpeaker> {
  const { values, issues } = readWhole('input', input, readValues)
  return { values: { ...values, name: input.name }, issues }
}

export function parseSpeakerPatch(patch: SpeakerPatch): Parsed<Partial<SpeakerValues>> {
  return readWhole('patch', patch, readValues)
}

function readValues(read: InputReader, input: SpeakerPatch): Partial<SpeakerValues> {
  return givenOnly({
    name: read.text('name', read.required('name', input.name), speakerTexts.name) ?? undefined,
    biography: read.text('biography', input.biography, speakerTexts.biography),
    textFormat: read.required('textFormat', input.textFormat),
    organisation: read.text('organisation', input.organisation, speakerTexts.organisation),
    country: read.text('country', input.country, speakerTexts.country),
    photoUrl: input.photoUrl,
    websiteUrl: input.websiteUrl,
    links: readLinks(read, input.links),
    availability: readPeriods(read, 'availability', input.availability),
  })
}
