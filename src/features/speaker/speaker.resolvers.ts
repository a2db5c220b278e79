import type { MutationResolvers, SpeakerResolvers } from '../../generated/graphql.ts'
import { selectFor } from '../../selection/select.ts'
import { createPart, deletePart, restorePart, updatePart } from '../part/part.ts'
import { periodRows } from '../part/part.selection.ts'
import { linkedSessionsField } from '../session/session.connection.ts'
import { speakersWith } from './speaker.list.ts'
import { parseNewSpeaker, parseSpeakerPatch } from './speaker.input.ts'
import { seesAvailability } from './speaker.rules.ts'
import { speakers } from './speaker.ts'

export const speakerMutations = {
  createSpeaker: async (_root, { input }, ctx, info) => {
    const select = selectFor(info, ctx, 'speaker')
    return { speaker: await createPart(ctx, speakers, input.eventSlug, parseNewSpeaker(input), select) }
  },
  updateSpeaker: async (_root, { id, expectedVersion = null, onConflict, patch }, ctx, info) => {
    const select = selectFor(info, ctx, 'speaker')
    return {
      speaker: await updatePart(
        ctx,
        speakers,
        { id, expectedVersion, onConflict },
        parseSpeakerPatch(patch),
        select,
      ),
    }
  },
  deleteSpeaker: async (_root, { id, expectedVersion = null }, ctx, info) => ({
    speaker: await deletePart(ctx, speakers, { id, expectedVersion }, selectFor(info, ctx, 'speaker')),
  }),
  restoreSpeaker: async (_root, { id, expectedVersion = null }, ctx, info) => ({
    speaker: await restorePart(ctx, speakers, { id, expectedVersion }, selectFor(info, ctx, 'speaker')),
  }),
} satisfies MutationResolvers

export const speakerFields = {
  availability: ({ availableFrom, availableUntil, event, ...speaker }, _args, { viewer }) =>
    seesAvailability(viewer, speaker) ? periodRows(availableFrom, availableUntil, event) : null,
  sessions: linkedSessionsField(speakersWith),
} satisfies SpeakerResolvers
