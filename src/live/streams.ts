import { createHash } from 'node:crypto'
import type { ApiError } from '../errors.ts'

/** Somebody who follows an event. It is told that there is something to read, and reads it itself: nothing waits in a queue. */
export interface Stream {
  /**
   * Resolves when something may have been committed of the event since the last call, or the stream is to end.
   *
   * @param seq the last place in the event's commit order that the caller has read
   */
  next(eventId: string, seq: bigint): Promise<void>
  /** Why it ends: with an error for its client, 'left' if nobody needs it, 'stopping' with the server; null while it goes on. */
  readonly end: ApiError | 'left' | 'stopping' | null
  finish(why: NonNullable<Stream['end']>): void
  /** Has something done when it has ended; at once if it has. */
  onEnd(tidyUp: () => void): void
  /**
   * What several streams read at one place after the same wake-up is read once. Two texts, and not one put together,
   * because thousands hold the same ones.
   *
   * @param key what is read, by `shareKey`
   */
  share<Value>(key: string, place: string, read: () => Promise<Value>): Promise<Value>
}

interface Follower extends Stream {
  // A property and no getter, of which V8 would hold a shape for each follower.
  end: Stream['end']
  eventId: string | null
  /** The last place that it was woken for. */
  seq: bigint
  wake(): void
}

/** All streams of a server. */
export interface Streams {
  join(): Stream
  /** Has something done whenever the first of them joins. */
  onFirst(act: () => void): void
  /** Something was committed of the event, of whatever place. */
  wake(eventId: string): void
  /** What the clocks say: those who were not woken for these places are. */
  wakeBehind(heads: ReadonlyMap<string, bigint>): void
  /** The events that somebody waits for. */
  eventIds(): string[]
  /** Ends all of them. */
  stop(): void
  readonly open: number
}

export function createStreams(): Streams {
  const followers = new Set<Follower>()
  let isStopping = false
  let actOnFirst = () => {}
  /** By key and place. What was read before a wake-up isn't shared after it. */
  const shared = new Map<string, Map<string, Promise<unknown>>>()

  const share = <Value>(key: string, place: string, read: () => Promise<Value>): Promise<Value> => {
    let places = shared.get(key)
    if (places === undefined) shared.set(key, (places = new Map()))
    // The key names what is read, so that what is kept under it is what `read` gives.
    const known = places.get(place) as Promise<Value> | undefined
    if (known !== undefined) return known
    const reading = read()
    places.set(place, reading)
    return reading
  }
  return {
    join: () => {
      const follower = createFollower(share)
      followers.add(follower)
      if (followers.size === 1) actOnFirst()
      follower.onEnd(() => followers.delete(follower))
      if (isStopping) follower.finish('stopping')
      return follower
    },
    onFirst: (act) => {
      actOnFirst = act
    },
    wake: (eventId) => {
      shared.clear()
      // Who reads a first page doesn't say yet what event it is of.
      for (const follower of followers) if ((follower.eventId ?? eventId) === eventId) follower.wake()
    },
    wakeBehind: (heads) => {
      shared.clear()
      for (const follower of followers) {
        const head = follower.eventId === null ? undefined : heads.get(follower.eventId)
        if (head === undefined || head <= follower.seq) continue
        follower.seq = head
        follower.wake()
      }
    },
    eventIds: () => {
      const ids = new Set<string>()
      for (const { eventId } of followers) if (eventId !== null) ids.add(eventId)
      return [...ids]
    },
    stop: () => {
      isStopping = true
      for (const follower of followers) follower.finish('stopping')
    },
    get open() {
      return followers.size
    },
  }
}

/** A short word for all that something depends on. */
export function shareKey(...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url')
}

function createFollower(share: Stream['share']): Follower {
  let isWoken = false
  let resume: (() => void) | null = null
  const endings: (() => void)[] = []
  const follower: Follower = {
    eventId: null,
    seq: -1n,
    share,
    end: null,
    next: (eventId, seq) => {
      follower.eventId = eventId
      if (seq > follower.seq) follower.seq = seq
      if (isWoken || follower.end !== null) {
        isWoken = false
        return Promise.resolve()
      }
      return new Promise((resolve) => {
        resume = resolve
      })
    },
    wake: () => {
      if (resume === null) isWoken = true
      else {
        const continueReading = resume
        resume = null
        continueReading()
      }
    },
    finish: (why) => {
      if (follower.end !== null) return
      follower.end = why
      for (const tidyUp of endings) tidyUp()
      follower.wake()
    },
    onEnd: (tidyUp) => {
      if (follower.end === null) endings.push(tidyUp)
      else tidyUp()
    },
  }
  return follower
}
