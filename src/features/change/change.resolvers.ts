import type { GraphQLResolveInfo } from 'graphql'
import type { Context } from '../../context.ts'
import { ApiError } from '../../errors.ts'
import type {
  ProgrammeChangeResolvers,
  QueryResolvers,
  SessionChangeFeedResolvers,
  SessionChangeResolvers,
  SubscriptionResolvers,
} from '../../generated/graphql.ts'
import type { Select } from '../../selection/merge.ts'
import { isSelected, selectFor, selectsFor } from '../../selection/select.ts'
import type { SessionRow } from '../rows.ts'
import { type Entity, kinds, type NodeSelects, type ProgrammeRow } from '../node/node.compiled.ts'
import { followChanges } from './change.live.ts'
import { changePage, type ChangeRow, feeds } from './change.ts'

interface FeedArguments {
  readonly eventSlug: string
  readonly after?: string | null
  readonly since?: Date | null
  readonly first?: number | null
}

export const changeQueries = {
  sessionChanges: (_root, args, ctx, info) =>
    changePage(ctx, {
      ...pageOf(args, ctx, info),
      feed: 'sessions',
      selects: sessionSelects(info, ctx, 'changes'),
    }),
  programmeChanges: (_root, args, ctx, info) =>
    changePage(ctx, {
      ...pageOf(args, ctx, info),
      feed: 'programme',
      selects: nodeSelects(info, ctx, 'changes'),
    }),
} satisfies QueryResolvers

export const changeSubscriptions = {
  sessionChanged: {
    subscribe: (_root, { eventSlug, after = null }, ctx, info) =>
      followChanges(ctx, { feed: 'sessions', eventSlug, after, selects: sessionSelects(info, ctx) }),
    resolve: (change: ChangeRow) => change,
  },
  programmeChanged: {
    subscribe: (_root, { eventSlug, after = null }, ctx, info) =>
      followChanges(ctx, { feed: 'programme', eventSlug, after, selects: nodeSelects(info, ctx) }),
    resolve: (change: ChangeRow) => change,
  },
} satisfies SubscriptionResolvers

export const sessionChangeFields = {
  sessionId: ({ nodeId }) => nodeId,
  // The feed of sessions gives no other nodes.
  session: (change) => nodeOf(change) as SessionRow | null,
} satisfies SessionChangeResolvers

export const programmeChangeFields = { node: nodeOf } satisfies ProgrammeChangeResolvers

/** @throws what is told in its place */
function nodeOf({ node }: ChangeRow): ProgrammeRow | null {
  if (node instanceof ApiError) throw node
  return node
}

export const changeFeedFields = {
  // It is read if it is selected.
  checksum: ({ checksum }) => checksum!,
} satisfies SessionChangeFeedResolvers

function pageOf({ eventSlug, after, since, first }: FeedArguments, ctx: Context, info: GraphQLResolveInfo) {
  return {
    eventSlug,
    after: after ?? null,
    since: since ?? null,
    first: first ?? 100,
    wantsChecksum: isSelected(info, ctx, 'checksum'),
  }
}

/** What is selected of the session of a change. */
function sessionSelects(info: GraphQLResolveInfo, ctx: Context, ...path: string[]): NodeSelects {
  const nothing = Object.fromEntries(feeds.programme.map((entity) => [entity, {}])) as Record<Entity, Select>
  return { ...nothing, session: selectFor(info, ctx, ...path, 'session') }
}

/** What is selected of the node of a change, kind by kind. */
function nodeSelects(info: GraphQLResolveInfo, ctx: Context, ...path: string[]): NodeSelects {
  const types = feeds.programme.map((entity) => kinds[entity].type)
  const selects = selectsFor(info, ctx, types, ...path, 'node')
  return Object.fromEntries(
    feeds.programme.map((entity, index) => [entity, selects[index]!]),
  ) as unknown as NodeSelects
}
