import type { GraphQLSchema } from 'graphql'
import type { Logger } from 'pino'
import { noLongerValid } from '../../access/still-valid.ts'
import { payerOf, type Viewer } from '../../access/viewer.ts'
import { networkOf } from '../../addresses.ts'
import type { Context } from '../../context.ts'
import type { Database } from '../../database/client.ts'
import { rateLimited, unauthenticated } from '../../errors.ts'
import { createPreparer, type Subscription, type SubscriptionRequest } from '../../graphql/subscriptions.ts'
import type { Stream, Streams } from '../../live/streams.ts'
import { createCrowds, type Write } from './crowds.ts'

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
  /** Has each answer written. To be called once. @returns when the stream has ended */
  tell(write: Write): Promise<void>
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
  const prepare = createPreparer(schema)
  const crowds = createCrowds(streams, log)
  /** How many subscriptions each has, by who is held to a number. */
  const counts = new Map<string, number>()
  /** Those of signed-in viewers, which may end by what becomes of them. */
  const signedIn = new Map<Stream, Follower>()

  const admit = ({ viewer, address }: Follower): string => {
    const payer = payerOf(viewer)
    const key = payer ?? networkOf(address)
    const most = payer === null ? limits.perAddress : limits.perViewer
    const count = counts.get(key) ?? 0
    if (count >= most)
      throw rateLimited(`You have ${most} subscriptions, which is as many as you may have`, 60)
    counts.set(key, count + 1)
    return key
  }
  const leave = (key: string) => {
    const left = counts.get(key)! - 1
    if (left > 0) counts.set(key, left)
    else counts.delete(key)
  }
  return {
    follow: (follower, request) => {
      const subscription = prepare(request)
      const key = admit(follower)
      const stream = streams.join()
      const { context, lastEventId, viewer } = follower
      if (viewer.kind !== 'anonymous') signedIn.set(stream, follower)
      stream.onEnd(() => {
        leave(key)
        signedIn.delete(stream)
      })
      const tell = (write: Write) => crowds.tell(stream, write, { subscription, context, lastEventId })
      return { subscription, stream, tell }
    },
    endInvalid: async () => {
      const [open, now] = [[...signedIn], clock()]
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
