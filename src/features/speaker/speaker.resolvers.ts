import type { SpeakerResolvers } from '../../generated/graphql.ts'

export const speakerFields = {
  sessions: ({ sessions }) => sessions.map(({ session }) => session),
} satisfies SpeakerResolvers
