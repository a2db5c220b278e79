import type { GraphQLResolveInfo } from 'graphql'
import { userIdOf } from '../../access/viewer.ts'
import type { Context } from '../../context.ts'
import { queryTooComplex } from '../../errors.ts'
import type { MutationResolvers, QueryResolvers, SessionResolvers } from '../../generated/graphql.ts'
import { linksIn } from '../../links.ts'
import { loadForAllParents } from '../../selection/batch.ts'
import type { Select } from '../../selection/merge.ts'
import { selectFor } from '../../selection/select.ts'
import { wallClockOf } from '../../time/wall-clock.ts'
import { sourceIdField } from '../part/part.rules.ts'
import { parseNewSession, parseSessionPatch } from './session.input.ts'
import { transitionsFor } from './session.lifecycle.ts'
import { ownSessions } from './session.list.ts'
import { speakersOfAnAnswer } from './session.rules.ts'
import { sessionAsOf } from './session.past.ts'
import { formatOf, htmlField, textField } from '../text/text.fields.ts'
import { revertSession } from './session.revert.ts'
import {
  changeSessionState,
  createSession,
  deleteSession,
  restoreSession,
  sessionById,
  setSessionLocks,
  updateSession,
} from './session.ts'

export const sessionQueries = {
  session: (_root, { id, asOf }, ctx, info) =>
    asOf ? sessionAsOf(ctx, id, asOf) : sessionById(ctx, id, selectFor(info, ctx)),
} satisfies QueryResolvers

export const sessionMutations = {
  createSession: async (_root, { input }, ctx, info) => {
    const select = ofPayload(info, ctx)
    return { session: await createSession(ctx, input.eventSlug, parseNewSession(input), select) }
  },
  updateSession: async (_root, { id, expectedVersion = null, onConflict, patch }, ctx, info) => {
    const change = { id, expectedVersion, onConflict }
    return { session: await updateSession(ctx, change, parseSessionPatch(patch), ofPayload(info, ctx)) }
  },
  changeSessionState: async (_root, { id, expectedVersion = null, to }, ctx, info) => ({
    session: await changeSessionState(ctx, { id, expectedVersion }, to, ofPayload(info, ctx)),
  }),
  setSessionLocks: async (_root, { id, expectedVersion = null, content, speakerList }, ctx, info) => {
    const locks = { isLocked: content ?? undefined, isSpeakerListLocked: speakerList ?? undefined }
    return {
      session: await setSessionLocks(ctx, { id, expectedVersion }, locks, ofPayload(info, ctx)),
    }
  },
  revertSession: async (_root, { id, expectedVersion = null, toVersion, fields = null }, ctx, info) => {
    const revert = { toVersion, fields }
    return { session: await revertSession(ctx, { id, expectedVersion }, revert, ofPayload(info, ctx)) }
  },
  deleteSession: async (_root, { id, expectedVersion = null }, ctx, info) => ({
    session: await deleteSession(ctx, id, expectedVersion, ofPayload(info, ctx)),
  }),
  restoreSession: async (_root, { id, expectedVersion = null }, ctx, info) => ({
    session: await restoreSession(ctx, id, expectedVersion, ofPayload(info, ctx)),
  }),
} satisfies MutationResolvers

export const sessionFields = {
  sourceId: sourceIdField,
  canceledAt: ({ canceled }) => canceled?.lastModifiedAt ?? null,
  textFormat: formatOf,
  abstractHtml: htmlField('abstract'),
  abstractText: textField('abstract'),
  descriptionHtml: htmlField('description'),
  descriptionText: textField('description'),
  links: ({ links }) => linksIn(links),
  startsAtLocal: ({ startsAt, event }, { timeZone }) =>
    startsAt && wallClockOf(startsAt, timeZone ?? event.timeZone),
  endsAtLocal: ({ endsAt, event }, { timeZone }) => endsAt && wallClockOf(endsAt, timeZone ?? event.timeZone),
  availableTransitions: async ({ id, ...session }, _args, ctx, info) => {
    const { deletedAt, ...standing } = session.now ?? session
    if (deletedAt !== null) return []
    // Only a user can be somebody's speaker; for everybody else there is nothing to look up.
    const isOwn =
      userIdOf(ctx.viewer) !== null &&
      (await loadForAllParents(ctx.batches, info, id, (ids) => ownSessions(ctx, ids)))
    return transitionsFor(ctx.viewer, { ...standing, isOwn: isOwn === true })
  },
  track: ({ track }) => unlessDeleted(track),
  room: ({ room }) => unlessDeleted(room),
  sessionType: ({ sessionType }) => unlessDeleted(sessionType),
  // The links hold the speakers; both are typed with what the plan of a speaker's own fields fetches.
  speakers: ({ speakers }, _args, ctx) => {
    requireFewSpeakers(ctx, speakers.length)
    return speakers.map(({ speaker }) => speaker)
  },
} satisfies SessionResolvers

/** A session may have fifty speakers and is priced for ten, which is more than nearly all have. */
function requireFewSpeakers({ outcome }: Context, more: number): void {
  outcome.speakers = (outcome.speakers ?? 0) + more
  if (outcome.speakers <= speakersOfAnAnswer) return
  throw queryTooComplex(`shows its sessions' speakers more than ${speakersOfAnAnswer} times`)
}

/** What the payload shows of its session, and the id, by which it finds the conflicts. */
function ofPayload(info: GraphQLResolveInfo, ctx: Context): Select {
  return { ...selectFor(info, ctx, 'session'), id: true }
}

/** A session keeps what it was in; what was deleted since isn't shown. */
function unlessDeleted<Row extends { deletedAt: Date | null }>(row: Row | null): Row | null {
  return row?.deletedAt === null ? row : null
}
