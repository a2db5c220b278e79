import { readFileSync } from 'node:fs'
import path from 'node:path'
import { makeExecutableSchema } from '@graphql-tools/schema'
import type { GraphQLSchema } from 'graphql'
import { programFolder } from '../config.ts'
import { breakFields, breakMutations } from '../features/break/break.resolvers.ts'
import { breakPlan } from '../features/break/break.selection.ts'
import {
  changeFeedFields,
  changeQueries,
  changeSubscriptions,
  programmeChangeFields,
  sessionChangeFields,
} from '../features/change/change.resolvers.ts'
import type { ChangeFeed, ChangeRow } from '../features/change/change.ts'
import { eventPlan } from '../features/event/event.selection.ts'
import type { DeletedEventRow } from '../features/event/event.deletion.ts'
import { eventFields, eventMutations, eventQueries } from '../features/event/event.resolvers.ts'
import {
  historyOfBreak,
  historyOfEvent,
  historyOfRoom,
  historyOfSession,
  historyOfSessionType,
  historyOfSpeaker,
  historyOfTrack,
} from '../features/history/history.resolvers.ts'
import {
  calendarFields,
  favoriteMutations,
  favoritesOfSession,
  favoritesOfUser,
} from '../features/favorite/favorite.resolvers.ts'
import { changesSummaryFields, newsQueries, sessionNewsFields } from '../features/change/news.resolvers.ts'
import type { NewsOfSession } from '../features/change/news.rules.ts'
import type { SummaryOfChanges } from '../features/change/news.ts'
import { nodeQueries } from '../features/node/node.resolvers.ts'
import type { DeletedPartRow } from '../features/part/part.deleted.ts'
import { deletedPartsOfEvent, periodFields } from '../features/part/part.resolvers.ts'
import { periodPlan, type PeriodRow } from '../features/part/part.selection.ts'
import { roomFields, roomMutations, roomQueries } from '../features/room/room.resolvers.ts'
import { roomPlan } from '../features/room/room.selection.ts'
import {
  conflictFields,
  conflictsOfEvent,
  conflictsOfPayload,
  conflictsOfPlaced,
  conflictsOfSession,
  scheduleMutations,
} from '../features/schedule/schedule.resolvers.ts'
import type { ConflictRow } from '../features/schedule/schedule.conflicts.ts'
import {
  invitationFields,
  invitationMutations,
  invitationsOfEvent,
} from '../features/invitation/invitation.resolvers.ts'
import { invitationPlan } from '../features/invitation/invitation.selection.ts'
import { memberFields, memberMutations, membersOfEvent } from '../features/member/member.resolvers.ts'
import { memberPlan } from '../features/member/member.selection.ts'
import type {
  BreakRow,
  CalendarRow,
  EventRow,
  InvitationRow,
  MemberRow,
  PlacedSessionsRow,
  RoomRow,
  SessionPayloadRow,
  SessionRow,
  SessionTypeRow,
  SpeakerRow,
  TokenRow,
  TrackRow,
  UserRow,
  WebhookDeliveryRow,
  WebhookRow,
} from '../features/rows.ts'
import { tokenFields, tokenMutations, tokensOfEvent } from '../features/token/token.resolvers.ts'
import { tokenPlan } from '../features/token/token.selection.ts'
import {
  anonymousFields,
  permissionNames,
  tokenViewerFields,
  userFields,
  viewerPermissionsOfEvent,
  viewerQueries,
  viewerRoleFields,
  viewerTypes,
} from '../features/viewer/viewer.resolvers.ts'
import type { ViewerOf, HeldRole } from '../features/viewer/viewer.ts'
import { searchHitFields, searchQueries } from '../features/search/search.resolvers.ts'
import type { HitRow } from '../features/search/search.ts'
import { sessionFields, sessionMutations, sessionQueries } from '../features/session/session.resolvers.ts'
import { sessionPlan } from '../features/session/session.selection.ts'
import {
  sessionTypeFields,
  sessionTypeMutations,
  sessionTypeQueries,
} from '../features/session-type/session-type.resolvers.ts'
import { sessionTypePlan } from '../features/session-type/session-type.selection.ts'
import { speakerFields, speakerMutations, speakerQueries } from '../features/speaker/speaker.resolvers.ts'
import { speakerPlan } from '../features/speaker/speaker.selection.ts'
import { trackFields, trackMutations, trackQueries } from '../features/track/track.resolvers.ts'
import { trackPlan } from '../features/track/track.selection.ts'
import type * as Sdl from '../generated/graphql.ts'
import { attachTwins } from '../compiled/twin.ts'
import {
  deliveryFields,
  webhookFields,
  webhookMutations,
  webhooksOfEvent,
} from '../features/webhook/webhook.resolvers.ts'
import { deliveryPlan, webhookPlan } from '../features/webhook/webhook.selection.ts'
import { attachPlans } from '../selection/select.ts'
import { roots, twins } from './compiled-twins.ts'
import { signedInOnly } from './signed-in-only.ts'
import type { Complete } from './complete.ts'
import { readPageArguments } from './pages.ts'
import { scalars } from './scalars.ts'
import { sdlFiles } from './sdl-files.ts'

const objectTypes = {
  Query: {
    ...eventQueries,
    ...sessionQueries,
    ...speakerQueries,
    ...trackQueries,
    ...roomQueries,
    ...sessionTypeQueries,
    ...nodeQueries,
    ...searchQueries,
    ...changeQueries,
    ...newsQueries,
    ...viewerQueries,
  } satisfies Complete<object, Sdl.QueryResolvers>,
  Mutation: signedInOnly({
    ...eventMutations,
    ...sessionMutations,
    ...trackMutations,
    ...roomMutations,
    ...sessionTypeMutations,
    ...speakerMutations,
    ...breakMutations,
    ...scheduleMutations,
    ...tokenMutations,
    ...memberMutations,
    ...invitationMutations,
    ...webhookMutations,
    ...favoriteMutations,
  } satisfies Complete<object, Sdl.MutationResolvers>),
  Subscription: changeSubscriptions satisfies Complete<object, Sdl.SubscriptionResolvers>,
  Event: {
    ...eventFields,
    ...historyOfEvent,
    ...deletedPartsOfEvent,
    ...conflictsOfEvent,
    ...viewerPermissionsOfEvent,
    ...membersOfEvent,
    ...invitationsOfEvent,
    ...tokensOfEvent,
    ...webhooksOfEvent,
  } satisfies Complete<EventRow, Sdl.EventResolvers>,
  Session: {
    ...sessionFields,
    ...historyOfSession,
    ...conflictsOfSession,
    ...favoritesOfSession,
  } satisfies Complete<SessionRow, Sdl.SessionResolvers>,
  SessionPayload: conflictsOfPayload satisfies Complete<SessionPayloadRow, Sdl.SessionPayloadResolvers>,
  PlacedSessionsPayload: conflictsOfPlaced satisfies Complete<
    PlacedSessionsRow,
    Sdl.PlacedSessionsPayloadResolvers
  >,
  ScheduleConflict: conflictFields satisfies Complete<ConflictRow, Sdl.ScheduleConflictResolvers>,
  Speaker: { ...speakerFields, ...historyOfSpeaker } satisfies Complete<SpeakerRow, Sdl.SpeakerResolvers>,
  Track: { ...trackFields, ...historyOfTrack } satisfies Complete<TrackRow, Sdl.TrackResolvers>,
  Room: { ...roomFields, ...historyOfRoom } satisfies Complete<RoomRow, Sdl.RoomResolvers>,
  SessionType: { ...sessionTypeFields, ...historyOfSessionType } satisfies Complete<
    SessionTypeRow,
    Sdl.SessionTypeResolvers
  >,
  Break: { ...breakFields, ...historyOfBreak } satisfies Complete<BreakRow, Sdl.BreakResolvers>,
  SessionChange: sessionChangeFields satisfies Complete<ChangeRow, Sdl.SessionChangeResolvers>,
  ProgrammeChange: programmeChangeFields satisfies Complete<ChangeRow, Sdl.ProgrammeChangeResolvers>,
  SessionChangeFeed: changeFeedFields satisfies Complete<ChangeFeed, Sdl.SessionChangeFeedResolvers>,
  ProgrammeChangeFeed: changeFeedFields satisfies Complete<ChangeFeed, Sdl.ProgrammeChangeFeedResolvers>,
  ChangesSummary: changesSummaryFields satisfies Complete<SummaryOfChanges, Sdl.ChangesSummaryResolvers>,
  SessionNews: sessionNewsFields satisfies Complete<NewsOfSession, Sdl.SessionNewsResolvers>,
  SearchHit: searchHitFields satisfies Complete<HitRow, Sdl.SearchHitResolvers>,
  DeletedEvent: {} satisfies Complete<DeletedEventRow, Sdl.DeletedEventResolvers>,
  DeletedPart: {} satisfies Complete<DeletedPartRow, Sdl.DeletedPartResolvers>,
  Period: periodFields satisfies Complete<PeriodRow, Sdl.PeriodResolvers>,
  Viewer: viewerTypes,
  AnonymousViewer: anonymousFields satisfies Complete<ViewerOf<'anonymous'>, Sdl.AnonymousViewerResolvers>,
  UserViewer: { ...userFields, ...favoritesOfUser } satisfies Complete<
    ViewerOf<'user'>,
    Sdl.UserViewerResolvers
  >,
  TokenViewer: tokenViewerFields satisfies Complete<ViewerOf<'token'>, Sdl.TokenViewerResolvers>,
  ViewerRole: viewerRoleFields satisfies Complete<HeldRole, Sdl.ViewerRoleResolvers>,
  AccessToken: tokenFields satisfies Complete<TokenRow, Sdl.AccessTokenResolvers>,
  Member: memberFields satisfies Complete<MemberRow, Sdl.MemberResolvers>,
  Invitation: invitationFields satisfies Complete<InvitationRow, Sdl.InvitationResolvers>,
  Webhook: webhookFields satisfies Complete<WebhookRow, Sdl.WebhookResolvers>,
  WebhookDelivery: deliveryFields satisfies Complete<WebhookDeliveryRow, Sdl.WebhookDeliveryResolvers>,
  PersonalCalendar: calendarFields satisfies Complete<CalendarRow, Sdl.PersonalCalendarResolvers>,
  User: {} satisfies Complete<UserRow, Sdl.UserResolvers>,
  Permission: permissionNames,
}

const plans = {
  Event: eventPlan,
  Session: sessionPlan,
  Speaker: speakerPlan,
  Track: trackPlan,
  Room: roomPlan,
  SessionType: sessionTypePlan,
  Break: breakPlan,
  Period: periodPlan,
  AccessToken: tokenPlan,
  Member: memberPlan,
  Invitation: invitationPlan,
  Webhook: webhookPlan,
  WebhookDelivery: deliveryPlan,
}

/** The executable schema: SDL and resolvers of all features, and what each field needs from the database. Built once. */
export function executableSchema(): GraphQLSchema {
  return (built ??= buildSchema())
}

let built: GraphQLSchema | undefined

function buildSchema(): GraphQLSchema {
  const schema = makeExecutableSchema({
    typeDefs: sdlFiles.map((file) => readFileSync(path.join(programFolder, 'graphql', file), 'utf8')),
    resolvers: { ...scalars, ...objectTypes },
    // To copy the schema for its resolvers, and to look at each start whether the SDL is valid, which test/graphql/sdl.test.ts
    // holds, takes as long as the rest.
    updateResolversInPlace: true,
    assumeValidSDL: true,
    resolverValidationOptions: { requireResolversToMatchSchema: 'error' },
  })
  attachPlans(schema, plans)
  attachTwins(schema, twins, roots)
  readPageArguments(schema)
  return schema
}
