import { readFileSync } from 'node:fs'
import { makeExecutableSchema } from '@graphql-tools/schema'
import type { GraphQLSchema } from 'graphql'
import { eventPlan, type EventRow } from '../features/event/event.selection.ts'
import { eventFields, eventMutations, eventQueries } from '../features/event/event.resolvers.ts'
import {
  invitationFields,
  invitationMutations,
  invitationsOfEvent,
} from '../features/invitation/invitation.resolvers.ts'
import { invitationPlan, type InvitationRow } from '../features/invitation/invitation.selection.ts'
import { memberFields, memberMutations, membersOfEvent } from '../features/member/member.resolvers.ts'
import { memberPlan, type MemberRow, type UserRow } from '../features/member/member.selection.ts'
import { tokenFields, tokenMutations, tokensOfEvent } from '../features/token/token.resolvers.ts'
import { tokenPlan, type TokenRow } from '../features/token/token.selection.ts'
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
import { historyOfSession } from '../features/history/history.resolvers.ts'
import { sessionFields, sessionMutations, sessionQueries } from '../features/session/session.resolvers.ts'
import { sessionPlan, type SessionRow } from '../features/session/session.selection.ts'
import { speakerFields } from '../features/speaker/speaker.resolvers.ts'
import { speakerPlan, type SpeakerRow } from '../features/speaker/speaker.selection.ts'
import type * as Sdl from '../generated/graphql.ts'
import type { RoomModel, SessionTypeModel, TrackModel } from '../generated/prisma/models.ts'
import { attachPlans } from '../selection/select.ts'
import { signedInOnly } from './signed-in-only.ts'
import type { Complete } from './complete.ts'
import { scalars } from './scalars.ts'

/** The SDL, a file a feature; joined it is what `npm run schema` writes to schema.graphql. */
const sdlFiles = [
  './base.graphql',
  '../features/event/event.graphql',
  '../features/session/session.graphql',
  '../features/track/track.graphql',
  '../features/room/room.graphql',
  '../features/session-type/session-type.graphql',
  '../features/speaker/speaker.graphql',
  '../features/history/history.graphql',
  '../features/viewer/viewer.graphql',
  '../features/token/token.graphql',
  '../features/member/member.graphql',
  '../features/invitation/invitation.graphql',
]

const objectTypes = {
  Query: { ...eventQueries, ...sessionQueries, ...viewerQueries } satisfies Complete<
    object,
    Sdl.QueryResolvers
  >,
  Mutation: signedInOnly({
    ...eventMutations,
    ...sessionMutations,
    ...tokenMutations,
    ...memberMutations,
    ...invitationMutations,
  } satisfies Complete<object, Sdl.MutationResolvers>),
  Event: {
    ...eventFields,
    ...viewerPermissionsOfEvent,
    ...membersOfEvent,
    ...invitationsOfEvent,
    ...tokensOfEvent,
  } satisfies Complete<EventRow, Sdl.EventResolvers>,
  Session: { ...sessionFields, ...historyOfSession } satisfies Complete<SessionRow, Sdl.SessionResolvers>,
  Speaker: speakerFields satisfies Complete<SpeakerRow, Sdl.SpeakerResolvers>,
  Track: {} satisfies Complete<TrackModel, Sdl.TrackResolvers>,
  Room: {} satisfies Complete<RoomModel, Sdl.RoomResolvers>,
  SessionType: {} satisfies Complete<SessionTypeModel, Sdl.SessionTypeResolvers>,
  Viewer: viewerTypes,
  AnonymousViewer: anonymousFields satisfies Complete<ViewerOf<'anonymous'>, Sdl.AnonymousViewerResolvers>,
  UserViewer: userFields satisfies Complete<ViewerOf<'user'>, Sdl.UserViewerResolvers>,
  TokenViewer: tokenViewerFields satisfies Complete<ViewerOf<'token'>, Sdl.TokenViewerResolvers>,
  ViewerRole: viewerRoleFields satisfies Complete<HeldRole, Sdl.ViewerRoleResolvers>,
  AccessToken: tokenFields satisfies Complete<TokenRow, Sdl.AccessTokenResolvers>,
  Member: memberFields satisfies Complete<MemberRow, Sdl.MemberResolvers>,
  Invitation: invitationFields satisfies Complete<InvitationRow, Sdl.InvitationResolvers>,
  User: {} satisfies Complete<UserRow, Sdl.UserResolvers>,
  Permission: permissionNames,
}

/** The executable schema: SDL and resolvers of all features, and what each field needs from the database. */
export function buildSchema(): GraphQLSchema {
  const schema = makeExecutableSchema({
    typeDefs: sdlFiles.map((file) => readFileSync(new URL(file, import.meta.url), 'utf8')),
    resolvers: { ...scalars, ...objectTypes },
    resolverValidationOptions: { requireResolversToMatchSchema: 'error' },
  })
  attachPlans(schema, {
    Event: eventPlan,
    Session: sessionPlan,
    Speaker: speakerPlan,
    AccessToken: tokenPlan,
    Member: memberPlan,
    Invitation: invitationPlan,
  })
  return schema
}
