import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from 'pino'
import { operatorContext } from '../../context.ts'
import type { Database } from '../../database/client.ts'
import { beginWork, newWork } from '../../database/work.ts'
import type { Stream, Streams } from '../../live/streams.ts'
import { usualDelays } from '../../webhooks/retries.ts'
import { keep, take, toldEvents } from './webhook.lease.ts'
import { beginLife, type WriterLife } from './webhook.life.ts'
import { sweep } from './webhook.queue.ts'
import type { SendOptions } from './webhook.tell.ts'
import { startWriter, type WebhookCounts, type WebhookWriter } from './webhook.writer.ts'

export const usualSending: SendOptions = { allowed: [], timeout: 10_000, delays: usualDelays }

/** In milliseconds: how often a server says that it lives, and looks for what nobody told it of. */
const interval = 1_000

/** In milliseconds, from one try to take webhooks to the next: all servers try whenever something is committed. */
const spacing = 100

/** How often a server forgets what was settled long ago, in looks. */
const sweepEvery = 600

/** What a server does for webhooks. */
export interface WebhookWriters {
  readonly counts: Readonly<WebhookCounts>
  /** Webhooks that this server writes to now. */
  readonly writing: number
  /** Waits for what is under way, for a moment, and leaves the rest to others. */
  stop(): Promise<void>
}

/**
 * Tells the webhooks of all events what is committed, together with the other servers of the database. Each webhook is
 * written to by one server at a time, which takes it if there is something to tell, and lets it go when there isn't. A
 * server that dies is followed by another one as soon as PostgreSQL has lost its connection.
 */
export function startWebhooks(
  server: { db: Database; databaseUrl: string; clock: () => Date; log: Logger; streams: Streams },
  options: SendOptions,
): WebhookWriters {
  const { db, databaseUrl, clock, log, streams } = server
  const ctx = { ...operatorContext(db, log), clock }
  const counts: WebhookCounts = { delivered: 0, failedTries: 0, givenUp: 0, stopped: 0 }
  const writers = new Map<string, WebhookWriter & { readonly eventId: string }>()
  const followed = new Map<string, Stream>()
  /** null before there are webhooks. */
  let life: WriterLife | null = null
  let taking: Promise<void> | null = null
  let isAgain = false
  let looks = 0
  let isStopped = false

  const takeAll = async () => {
    while (!isStopped && life?.goesOn) {
      const { id } = life
      const taken = await inWork(() => take(ctx, id))
      for (const webhook of taken) {
        const started = startWriter(ctx, { id: webhook.id, writer: id, counts }, options)
        const writer = { ...started, eventId: webhook.eventId }
        writers.set(webhook.id, writer)
        // A life before may have left another one that ends later.
        void writer.ended.then(() => writers.get(webhook.id) === writer && writers.delete(webhook.id))
      }
      if (taken.length === 0) break
    }
  }
  /** One taking at a time; what comes meanwhile is looked at behind it. */
  const takeSoon = () => {
    isAgain = true
    taking ??= (async () => {
      while (isAgain && !isStopped) {
        isAgain = false
        await takeAll()
        if (isAgain) await sleep(spacing)
      }
    })()
      // The next look finds what this one missed.
      .catch((err: unknown) => log.warn({ err }, 'the webhooks could not be read'))
      .finally(() => {
        taking = null
      })
    return taking
  }
  /** Others may take what this server has. */
  const abandon = () => {
    for (const writer of writers.values()) writer.abort()
  }
  const follow = async (eventId: string, stream: Stream) => {
    while (stream.end === null) {
      await stream.next(eventId, -1n)
      for (const writer of writers.values()) if (writer.eventId === eventId) writer.wake()
      if (stream.end === null) void takeSoon()
    }
  }
  const look = async () => {
    looks += 1
    if (writers.size > 0 && life !== null) {
      const { id } = life
      const kept = await inWork(() => keep(ctx, id))
      for (const [webhookId, writer] of writers) if (!kept.has(webhookId)) writer.abort()
    }
    const events = new Set(await inWork(() => toldEvents(ctx)))
    if (events.size > 0 && !life?.goesOn && !isStopped) life = await beginLife(databaseUrl, abandon)
    for (const [eventId, stream] of followed) {
      if (events.has(eventId)) continue
      followed.delete(eventId)
      stream.finish('left')
    }
    for (const eventId of events) {
      if (followed.has(eventId) || isStopped) continue
      const stream = streams.join()
      followed.set(eventId, stream)
      void follow(eventId, stream)
    }
    if (looks % sweepEvery === 0) await inWork(() => sweep(ctx))
    void takeSoon()
  }
  let looking: Promise<void> | null = null
  const lookOnce = () => {
    looking ??= look()
      .catch((err: unknown) => log.warn({ err }, 'the webhooks could not be looked at'))
      .finally(() => {
        looking = null
      })
  }
  // At once, too: a server may be there because another one died.
  lookOnce()
  const timer = setInterval(lookOnce, interval)
  return {
    counts,
    get writing() {
      return writers.size
    },
    stop: async () => {
      isStopped = true
      clearInterval(timer)
      await looking
      await taking
      for (const stream of followed.values()) stream.finish('stopping')
      for (const writer of writers.values()) writer.finish()
      await Promise.all([...writers.values()].map(({ ended }) => ended))
      await life?.end()
    },
  }
}

function inWork<Result>(callback: () => Promise<Result>): Promise<Result> {
  return beginWork(newWork('webhooks'), callback)
}
