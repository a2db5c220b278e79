import { may } from '../../access/may.ts'
import { standingViewer } from '../../access/tokens.ts'
import type { Viewer } from '../../access/viewer.ts'
import type { Context } from '../../context.ts'
import { ApiError } from '../../errors.ts'
import { post, type Posted, type PostOptions } from '../../webhooks/post.ts'
import { delayAfter } from '../../webhooks/retries.ts'
import { signedHeaders } from '../../webhooks/signature.ts'
import { type ChangesBehind, changesBehind } from '../change/change.list.ts'
import {
  advance,
  type DeliveryCursor,
  type DueMessage,
  type Settled,
  type ToldWebhook,
} from './webhook.queue.ts'
import { bounds, notedMessageOf, noticeOf } from './webhook.rules.ts'

/** How many changes are noted at once. */
const pageSize = 100

/** How messages are sent. */
export interface SendOptions extends Omit<PostOptions, 'signal'> {
  /** How long to wait after each failed try, in milliseconds; after the last of them none follows. */
  readonly delays: readonly number[]
}

/** A try that is over. */
export interface Tried {
  readonly message: Pick<DueMessage, 'id' | 'lane' | 'message' | 'tries'>
  readonly body: string
  readonly posted: Posted
}

/** Who sees what a webhook is told; in words, if it must be told nothing more. */
export async function viewerOfWebhook(
  { db, clock }: Context,
  webhook: ToldWebhook,
): Promise<Viewer | string> {
  try {
    const viewer = await standingViewer(db, webhook, clock())
    if (may(viewer, 'webhook:manage', { eventId: webhook.event.id })) return viewer
    return "Who set it up last may no longer manage the event's webhooks."
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 'UNAUTHENTICATED')) throw error
    return 'The token that it was set up with last was revoked or has expired.'
  }
}

/** Notes what is behind the webhook's cursors, up to a page each. @returns whether there is more */
export async function noteChanges(seeing: Context, webhook: ToldWebhook): Promise<boolean> {
  let { waiting } = webhook
  let hasMore = false
  for (const cursor of webhook.cursors) {
    if (waiting >= bounds.waiting) return false
    const page = await changesBehind(seeing, webhook.event.slug, cursor.place, pageSize)
    if (page === null) return false
    const messages = page.isLost
      ? [noticeOf(webhook.id, 'RESYNC', `${page.place.seq} ${page.place.token}`)]
      : page.changes
          .filter((change) => isWanted(change, webhook, cursor))
          .map((one) => notedMessageOf(webhook.id, one))
    const isOver = cursor.untilSeq !== null && isBehind(page, cursor.untilSeq)
    const isMoved = isOver || page.place.seq !== cursor.place.seq || page.place.inside !== cursor.place.inside
    const to = isOver ? null : page.place
    if (isMoved) await advance(seeing, { webhookId: webhook.id, cursor, to }, messages)
    waiting += messages.length
    hasMore ||= page.hasMore && !isOver
  }
  return hasMore
}

function isWanted(
  { entity, seq }: ChangesBehind['changes'][number],
  { entities }: ToldWebhook,
  { untilSeq }: DeliveryCursor,
): boolean {
  return (entities.length === 0 || entities.includes(entity)) && (untilSeq === null || seq <= untilSeq)
}

/** Whether a span has been told when a page has. */
function isBehind({ place, hasMore, isLost }: ChangesBehind, untilSeq: bigint): boolean {
  return isLost || !hasMore || place.seq > untilSeq || (place.seq === untilSeq && place.inside === null)
}

/** Sends a message once. */
export function deliver(
  { url, keys }: ToldWebhook,
  message: { readonly id: string; readonly body: string },
  options: SendOptions & { readonly signal: AbortSignal },
): Promise<Posted> {
  return post({ url, headers: signedHeaders(message, keys, Date.now()), body: message.body }, options)
}

/** What comes of a try. */
export function judge({ message, body, posted }: Tried, delays: readonly number[], now: Date): Settled {
  const { status, answer, fault, retryAfter: asked } = posted
  const { id, lane, tries } = message
  const tried = { id, lane, request: body, status, answer, fault, nextTryAt: null }
  if (fault === null) return { ...tried, state: 'delivered' }
  // Whoever has a webhook tried looks at what came of it, and a receiver that is gone is asked no more.
  const isLast = message.message === 'TEST' || message.message === 'STOP' || status === gone
  const delay = isLast ? null : delayAfter(tries + 1, { delays, asked, random: Math.random() })
  if (delay === null) return { ...tried, state: 'failed' }
  return { ...tried, state: 'pending', nextTryAt: new Date(now.getTime() + delay) }
}

/** The status by which a receiver says that it is to be told nothing more. */
export const gone = 410
