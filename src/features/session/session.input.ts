import type { CreateSessionInput, SessionPatch } from '../../generated/graphql.ts'
import { givenOnly, type InputReader, type Parsed, readWhole } from '../../input.ts'
import { readMoments } from '../../time/moment-input.ts'
import { readLinks } from '../link/link.rules.ts'
import { sessionTexts } from './session.rules.ts'
import type { NewSession, SessionValues } from './session.ts'

export function parseNewSession(input: CreateSessionInput): Parsed<NewSession> {
  const { values, issues } = readWhole('input', input, readValues)
  return { values: { ...values, title: input.title }, issues }
}

export function parseSessionPatch(patch: SessionPatch): Parsed<Partial<SessionValues>> {
  return readWhole('patch', patch, readValues)
}

function readValues(read: InputReader, input: SessionPatch): Partial<SessionValues> {
  const { startsAt, endsAt } = readMoments(read, input)
  return givenOnly({
    title: read.text('title', read.required('title', input.title), sessionTexts.title) ?? undefined,
    subtitle: read.text('subtitle', input.subtitle, sessionTexts.subtitle),
    abstract: read.text('abstract', input.abstract, sessionTexts.abstract),
    description: read.text('description', input.description, sessionTexts.description),
    textFormat: read.required('textFormat', input.textFormat),
    language: read.text('language', input.language, sessionTexts.language),
    level: input.level,
    state: read.required('state', input.state),
    startsAt,
    endsAt,
    slidesUrl: input.slidesUrl,
    videoUrl: input.videoUrl,
    audioUrl: input.audioUrl,
    signupUrl: input.signupUrl,
    imageUrl: input.imageUrl,
    links: readLinks(read, input.links),
    trackId: input.trackId,
    roomId: input.roomId,
    sessionTypeId: input.sessionTypeId,
    speakerIds: input.speakerIds === null ? [] : (read.list('speakerIds', input.speakerIds) ?? undefined),
  })
}
