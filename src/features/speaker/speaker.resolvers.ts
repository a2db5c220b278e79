import type { MutationResolvers, QueryResolvers, SpeakerResolvers } from '../../generated/graphql.ts'
import { linksIn } from '../../links.ts'
import { selectFor } from '../../selection/select.ts'
import { createPart, deletePart, restorePart, updatePart } from '../part/part.ts'
import { periodRows } from '../part/part.selection.ts'
import { linkedSessionsField } from '../session/session.connection.ts'
import { speakerById, speakersWith } from './speaker.list.ts'
import { formatOf, htmlField, textField } from '../text/text.fields.ts'
import { parseNewSpeaker, parseSpeakerPatch } from './speaker.input.ts'
import { seesWhole } from './speaker.rules.ts'
import { speakers } from './speaker.ts'

export const speakerQueries = {
  speaker: (_root, { id }, ctx, info) => speakerById(ctx, id, selectFor(info, ctx)),
} satisfies QueryResolvers

export const speakerMutations = {
  createSpeaker: async (_root, { input }, ctx, info) => {
    const select = selectFor(info, ctx, 'speaker')
    return {
      speaker: await createPart(
        ctx,
        speakers,
        { eventSlug: input.eventSlug, part: parseNewSpeaker(input) },
        select,
      ),
    }
  },
  updateSpeaker: async (_root, { id, expectedVersion = null, onConflict, patch }, ctx, info) => {
    const select = selectFor(info, ctx, 'speaker')
    return {
      speaker: await updatePart(
        ctx,
        speakers,
        { change: { id, expectedVersion, onConflict }, patch: parseSpeakerPatch(patch) },
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
  textFormat: formatOf,
  links: ({ links }) => linksIn(links),
  biographyHtml: htmlField('biography'),
  biographyText: textField('biography'),
  availability: ({ availableFrom, availableUntil, event, ...speaker }, _args, { viewer }) =>
    seesWhole(viewer, speaker) ? periodRows(availableFrom, availableUntil, event) : null,
  sourceId: ({ sourceId, ...speaker }, _args, { viewer }) => (seesWhole(viewer, speaker) ? sourceId : null),
  sessions: linkedSessionsField(speakersWith),
} satisfies SpeakerResolvers
