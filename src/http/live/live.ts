import type { GraphQLSchema } from 'graphql'
import type { Logger } from 'pino'
import { noLongerValid } from '../../access/still-valid.ts'
import { payerOf, type Viewer } from '../../access/viewer.ts'
import { networkOf } from '../../addresses.ts'
import type { Context } from '../../context.ts'
import type { Database } from '../../database/client.ts'
import { rateLimited, unauthenticated } from '../../errors.ts'
import {
  endingWith,
  type LiveResult,
  liveResults,
  prepareSubscription,
  type Subscription,
  type SubscriptionRequest,
} from '../../graphql/subscriptions.ts'
import type { Stream, Streams } from '../../live/streams.ts'

/** How many subscriptions there may be. */
export interface LiveLimits {
  /** Of one user, or of one token that acts for nobody. */
  readonly perViewer: number
  /** Of all who ask anonymously from one address. */
  readonly perAddress: number
}

export const defaultLiveLimits: LiveLimits = { perViewer: 100, perAddress: 500 }

/** Who follows, and how they came. */
export interface Follower {
  readonly viewer: Viewer
  readonly address: string
  /** When what they proved who they are with ends by itself; null: the database knows. */
  readonly expiresAt: Date | null
  readonly context: Context
  /** The cursor that the client came back with. */
  readonly lastEventId: string | null
}

/** A subscription that is under way. */
export interface Followed {
  readonly subscription: Subscription
  readonly stream: Stream
  readonly results: AsyncGenerator<LiveResult, void>
}

/** All subscriptions of a server. */
export interface Live {
  /**
   * @throws GraphQLError, QUERY_TOO_COMPLEX if the subscription can't be, RATE_LIMITED if there are too many
   */
  follow(follower: Follower, request: SubscriptionRequest): Followed
  /** Ends the subscriptions of those who are no longer what they were. To be called each second. */
  endInvalid(): Promise<void>
  stop(): void
}

export function createLive(
  {
    schema,
    db,
    clock,
    log,
    streams,
  }: { schema: GraphQLSchema; db: Database; clock: () => Date; log: Logger; streams: Streams },
  limits: LiveLimits,
): Live {
  const followers = new Map<string, Map<Stream, Follower>>()

  const admit = (follower: Follower): Map<Stream, Follower> => {
    const { viewer, address } = follower
    const payer = payerOf(viewer)
    const key = payer ?? networkOf(address)
    const most = payer === null ? limits.perAddress : limits.perViewer
    const theirs = followers.get(key) ?? new Map<Stream, Follower>()
    for (const stream of theirs.keys()) if (stream.end !== null) theirs.delete(stream)
    if (theirs.size >= most)
      throw rateLimited(`You have ${most} subscriptions, which is as many as you may have`, 60)
    followers.set(key, theirs)
    return theirs
  }
  return {
    follow: (follower, request) => {
      const subscription = prepareSubscription(schema, request)
      const theirs = admit(follower)
      const stream = streams.join()
      theirs.set(stream, follower)
      const { context, lastEventId } = follower
      const results = liveResults(subscription, { ...context, following: { stream, lastEventId } }, log)
      return { subscription, stream, results: endingWith(results, stream) }
    },
    endInvalid: async () => {
      const [open, now] = [openFollowers(followers), clock()]
      for (const [stream, { expiresAt }] of open) {
        if (expiresAt !== null && expiresAt <= now)
          stream.finish(unauthenticated('This token has expired. Sign in again.'))
      }
      const invalid = await noLongerValid(db, new Set(open.map(([, { viewer }]) => viewer)), now)
      for (const [stream, { viewer }] of open) {
        const why = invalid.get(viewer)
        if (why !== undefined) stream.finish(why)
      }
    },
    stop: () => streams.stop(),
  }
}

/** Forgets those that have ended. */
function openFollowers(followers: Map<string, Map<Stream, Follower>>): [Stream, Follower][] {
  for (const [key, theirs] of followers) {
    for (const stream of theirs.keys()) if (stream.end !== null) theirs.delete(stream)
    if (theirs.size === 0) followers.delete(key)
  }
  return [...followers.values()].flatMap((theirs) => [...theirs])
}
