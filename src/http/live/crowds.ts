import { setImmediate as othersFirst } from 'node:timers/promises'
import type { Logger } from 'pino'
import type { Context } from '../../context.ts'
import { ApiError } from '../../errors.ts'
import {
  answerKey,
  faultText,
  type LivePage,
  livePages,
  type LiveResult,
  type Subscription,
} from '../../graphql/subscriptions.ts'
import type { Stream, Streams } from '../../live/streams.ts'

/** Answers that are written at once; the same object for all who are written the same. */
export type Portion = readonly LiveResult[]

/** Writes to a client. @returns when the client has taken it; undefined if it has already */
export type Write = (portion: Portion) => Promise<void> | undefined

/** What is subscribed to, in whose sight, and behind which place. */
export interface Beginning {
  readonly subscription: Subscription
  readonly context: Context
  /** The cursor; null: the subscription says where it begins. */
  readonly lastEventId: string | null
}

/** One client that is told. */
interface Listener {
  /** Its own: it ends alone. */
  readonly stream: Stream
  readonly write: Write
  /** null while it hasn't taken what was written to it. */
  crowd: Crowd | null
}

/** Listeners who ask the same and stand at the same place. */
interface Crowd extends Omit<Beginning, 'lastEventId'> {
  readonly key: string
  readonly stream: Stream
  readonly listeners: Set<Listener>
}

/** All who are told what they subscribed to. */
export interface Crowds {
  /**
   * Has each answer written to a client, the next one when it has taken those before.
   *
   * @param stream tells when it ends
   * @returns when it has ended
   */
  tell(stream: Stream, write: Write, beginning: Beginning): Promise<void>
}

/** How many characters of answers are in a portion. A client that takes nothing holds one, or one answer if that is longer. */
const charactersOfPortion = 16_384

/** After how many portions others are let in. */
const portionsInARow = 200

/**
 * Tells thousands at the price of a write for each. Who asks the same and stands at the same place is in one crowd, for which
 * each page is read, and each answer made, once. A client that doesn't take a page at once leaves its crowd and begins one of
 * its own when it has taken it. Crowds that have come to the same place become one.
 */
export function createCrowds(streams: Streams, log: Logger): Crowds {
  /** Those for whom nothing is there to read, by their keys and places. */
  const waiting = new Map<string, Crowd>()

  const begin = (listener: Listener, key: string, { subscription, context, lastEventId }: Beginning) => {
    const stream = streams.join()
    const crowd: Crowd = { key, subscription, context, stream, listeners: new Set() }
    enter(listener, crowd)
    const following = { stream, lastEventId }
    void lead(crowd, livePages(subscription, { ...context, following }, log))
  }
  const lead = async (crowd: Crowd, pages: AsyncGenerator<LivePage, void>) => {
    let place: string | null = null
    const goOn = () => {
      if (place !== null && waiting.get(place) === crowd) waiting.delete(place)
      place = null
    }
    crowd.stream.onEnd(goOn)
    for await (const page of pages) {
      goOn()
      await tellAll(crowd, page)
      if (crowd.stream.end !== null) break
      if (!page.isCaughtUp || page.cursor === null) continue
      place = `${crowd.key} ${page.cursor}`
      const others = waiting.get(place)
      if (others === undefined) waiting.set(place, crowd)
      else for (const listener of crowd.listeners) enter(listener, others)
    }
  }
  const tellAll = async (crowd: Crowd, { results, cursor }: LivePage) => {
    const portions = portionsOf(results)
    let told = 0
    for (const listener of crowd.listeners) {
      if (told >= portionsInARow) {
        await othersFirst()
        told = 0
      }
      told += portions.length
      const taking = tellOne(listener, portions)
      if (taking !== null) {
        leave(listener)
        void taking.then(() => goOnAlone(listener, { ...crowd, lastEventId: cursor }))
      } else if (cursor === null) listener.stream.finish('left')
    }
  }
  const goOnAlone = (listener: Listener, beginning: Beginning & { readonly key: string }) => {
    if (listener.stream.end !== null) return
    if (beginning.lastEventId === null) listener.stream.finish('left')
    else begin(listener, beginning.key, beginning)
  }
  return {
    tell: (stream, write, beginning) => {
      const listener: Listener = { stream, write, crowd: null }
      begin(listener, answerKey(beginning.subscription, beginning.context.viewer), beginning)
      return new Promise((resolve) => {
        stream.onEnd(() => {
          leave(listener)
          if (stream.end instanceof ApiError) void write([{ cursor: null, text: faultText(stream.end, log) }])
          resolve()
        })
      })
    },
  }
}

/** @returns when the client has taken all of them; null if it has already */
function tellOne({ write, stream }: Listener, portions: readonly Portion[]): Promise<void> | null {
  for (const [index, portion] of portions.entries()) {
    const taking = write(portion)
    if (taking === undefined) continue
    return taking.then(async () => {
      for (const later of portions.slice(index + 1)) if (stream.end === null) await write(later)
    })
  }
  return null
}

function portionsOf(results: readonly LiveResult[]): Portion[] {
  const portions: LiveResult[][] = []
  let length = Infinity
  for (const result of results) {
    length += result.text.length
    if (length > charactersOfPortion) {
      portions.push([])
      length = result.text.length
    }
    portions.at(-1)!.push(result)
  }
  return portions
}

function enter(listener: Listener, crowd: Crowd): void {
  leave(listener)
  listener.crowd = crowd
  crowd.listeners.add(listener)
}

/** Nothing is read for nobody. */
function leave(listener: Listener): void {
  const { crowd } = listener
  if (crowd === null) return
  listener.crowd = null
  crowd.listeners.delete(listener)
  if (crowd.listeners.size === 0) crowd.stream.finish('left')
}
