import { setTimeout as sleep } from 'node:timers/promises'
import type { Context } from '../../context.ts'
import { beginWork, newWork } from '../../database/work.ts'
import { nodesNow } from '../change/change.list.ts'
import { release } from './webhook.lease.ts'
import * as queue from './webhook.queue.ts'
import { bodyOf, bounds } from './webhook.rules.ts'
import {
  deliver,
  gone,
  judge,
  noteChanges,
  type SendOptions,
  viewerOfWebhook,
  type Tried,
} from './webhook.tell.ts'

/** What a server counts. */
export interface WebhookCounts {
  delivered: number
  /** Tries that failed, those that others followed included. */
  failedTries: number
  /** Messages that were given up. */
  givenUp: number
  /** Webhooks that were stopped. */
  stopped: number
}

/** Writes to one webhook. */
export interface WebhookWriter {
  /** Something may have been committed. */
  wake(): void
  /** Sends nothing more, and waits a moment for what is under way. */
  finish(): void
  /** The webhook is another server's: ends at once. */
  abort(): void
  readonly ended: Promise<void>
}

/** In milliseconds: how long messages that are under way are waited for, so that what came of several is written at once. */
const gathering = 15

/**
 * In milliseconds, from one look for changes to the next: what is committed meanwhile is told together. A look is six
 * statements, however much it finds.
 */
const spacing = 200

/** In milliseconds: how long a webhook is kept that has nothing to be told, since the next change may come soon. */
const linger = 500

/** In milliseconds: how long what is under way is waited for when the server stops. */
const patience = 2_000

/** Writes to a webhook that this server has taken, until there is nothing to be told for now. */
export function startWriter(
  ctx: Context,
  { id, writer, counts }: { id: string; writer: string; counts: WebhookCounts },
  options: SendOptions,
): WebhookWriter {
  const ending = new AbortController()
  /** What is under way, by lane; until what came of it is written down. */
  const flights = new Map<string, Promise<void>>()
  const landed: Tried[] = []
  let isFinishing = false
  /** Whether something may have been committed since the last look. */
  let isWoken = true
  let looked = -spacing
  let stir = () => {}

  const round = async (): Promise<'more' | 'wait' | 'over'> => {
    const webhook = await queue.readTaken(ctx, id, writer)
    const tried = landed.length
    const isOver = await writeDown(webhook)
    if (webhook === null || isOver) return 'over'
    const isLookDue = isWoken && performance.now() >= looked + spacing
    if (tried > 0 && webhook.waiting === tried && !isLookDue) return 'wait'
    isWoken = false
    looked = performance.now()
    const sight = await viewerOfWebhook(ctx, webhook)
    if (typeof sight === 'string') {
      await stopTold(webhook, sight)
      return 'over'
    }
    const seeing = { ...ctx, viewer: sight }
    const hasMore = await noteChanges(seeing, webhook)
    const most = webhook.rests ? 0 : webhook.failures < bounds.failuresInDoubt ? bounds.underWay : 1
    const room = most - flights.size
    if (room > 0) await send(seeing, webhook, await queue.due(ctx, id, [...flights.keys()], room))
    return hasMore ? 'more' : 'wait'
  }

  /** Waits until there is something to do, or for a while in which there isn't. */
  const wait = async () => {
    if (isFinishing || ending.signal.aborted) return
    const stirred = () => new Promise<void>((resolve) => (stir = resolve))
    const pause = (milliseconds: number) => sleep(Math.max(milliseconds, 0), undefined, { ref: false })
    if (landed.length === 0 && !isWoken) {
      await (flights.size > 0 ? stirred() : Promise.race([stirred(), pause(linger)]))
    }
    if (landed.length === 0 && isWoken) {
      await Promise.race([stirred(), pause(looked + spacing - performance.now())])
    }
    if (landed.length > 0) await Promise.race([Promise.all(flights.values()), pause(gathering)])
  }

  const send = async (seeing: Context, webhook: queue.ToldWebhook, due: readonly queue.DueMessage[]) => {
    const changed = due.flatMap(({ entity, lane }) => (entity === null ? [] : [{ entity, id: lane }]))
    const states = await nodesNow(seeing, webhook.event.slug, changed)
    for (const message of due) {
      const state = states.get(message.lane) ?? null
      const body = bodyOf(message, webhook.event, { state, reason: null, now: ctx.clock() })
      const sent = deliver(webhook, { id: message.messageId, body }, { ...options, signal: ending.signal })
      const flight = sent.then((posted) => {
        // What is given up with the server was no try.
        if (!ending.signal.aborted) landed.push({ message, body, posted })
        stir()
      })
      flights.set(message.lane, flight)
    }
  }

  /** @returns whether the webhook is to be told nothing more */
  const writeDown = async (webhook: queue.ToldWebhook | null): Promise<boolean> => {
    const tried = landed.splice(0)
    if (tried.length === 0) return false
    const now = ctx.clock()
    const settled = tried.map((one) => judge(one, options.delays, now))
    await queue.settle(ctx, id, settled)
    for (const { lane } of settled) flights.delete(lane)
    count(settled)
    if (webhook === null) return true
    const failures = settled.reduce(
      (sum, { state }) => (state === 'delivered' ? 0 : sum + 1),
      webhook.failures,
    )
    const asked = tried.map(({ posted: { status, retryAfter } }) =>
      status === 429 || status === 503 ? (retryAfter ?? 0) : 0,
    )
    const pause = failures < bounds.failuresInDoubt ? 0 : bounds.pauseInDoubt
    const rest = Math.min(Math.max(...asked, pause), longestRest)
    if (failures !== webhook.failures || rest > 0) {
      const restsUntil = rest > 0 ? new Date(now.getTime() + rest) : null
      await queue.noteHealth(ctx, id, { failures, restsUntil })
    }
    if (!tried.some(({ posted }) => posted.status === gone)) return rest > 0
    if (await queue.stop(ctx, id, 'The receiver answered 410: it wants to be told nothing more.')) {
      counts.stopped += 1
    }
    return true
  }

  /** Stops the webhook, and tells its receiver so, once. */
  const stopTold = async (webhook: queue.ToldWebhook, reason: string) => {
    const notice = await queue.stop(ctx, id, reason)
    if (notice === null) return
    counts.stopped += 1
    const [noticeId] = await queue.note(ctx, id, [notice])
    const body = bodyOf(notice, webhook.event, { state: null, reason, now: ctx.clock() })
    const posted = await deliver(
      webhook,
      { id: notice.messageId, body },
      { ...options, signal: ending.signal },
    )
    const message = { ...notice, id: noticeId!, tries: 0 }
    const settled = [judge({ message, body, posted }, options.delays, ctx.clock())]
    await queue.settle(ctx, id, settled)
    count(settled)
  }

  const count = (settled: readonly queue.Settled[]) => {
    for (const { state } of settled) {
      if (state === 'delivered') counts.delivered += 1
      else counts.failedTries += 1
      if (state === 'failed') counts.givenUp += 1
    }
  }

  const run = async () => {
    try {
      while (!isFinishing && !ending.signal.aborted) {
        // Each round is work of its own, however long the webhook has something to be told.
        const next = await beginWork(newWork('webhooks'), round)
        if (next === 'over') break
        if (next === 'more' && flights.size < bounds.underWay) continue
        await wait()
        if (landed.length === 0 && flights.size === 0 && !isWoken) break
      }
      await Promise.all(flights.values())
      await writeDown(null)
    } catch (err) {
      ctx.log.warn({ err, webhook: id }, 'a webhook could not be told; it is tried again')
    } finally {
      ending.abort()
      await release(ctx, id, writer).catch(() => {})
    }
  }
  return {
    wake: () => {
      if (!isWoken) stir()
      isWoken = true
    },
    finish: () => {
      isFinishing = true
      setTimeout(() => ending.abort(), patience).unref()
      stir()
    },
    abort: () => {
      ending.abort()
      stir()
    },
    ended: run(),
  }
}

/** No receiver is left alone for longer at once, in milliseconds. */
const longestRest = 24 * 3_600_000
