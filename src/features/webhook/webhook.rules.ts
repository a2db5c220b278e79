import { createHash } from 'node:crypto'
import type { RevisionOperation, WebhookMessage } from '../../generated/prisma/client.ts'
import type { CommittedChange, Entity, ProgrammeRow } from '../change/change.list.ts'

/** What bounds webhooks. */
export const bounds = {
  /** Webhooks of one event. */
  perEvent: 20,
  /** Spans of one webhook that are being told again. */
  replays: 5,
  /** Messages of one webhook that wait to be sent: what comes behind them stays in the history until there is room. */
  waiting: 5_000,
  /** Messages of one webhook that are under way at a time, each of another thing. */
  underWay: 8,
  /** After so many failures without a success, one message at a time, with a pause before each. */
  failuresInDoubt: 8,
  /** How long that pause is, in milliseconds: the first messages of thousands of things may wait, each to be tried once. */
  pauseInDoubt: 1_000,
  /** How long what was settled is kept, in milliseconds. */
  kept: 7 * 86_400_000,
  /** Characters that are kept of what was sent. */
  request: 16_384,
}

/** A message, as far as it is noted before it is sent. */
export interface NotedMessage {
  readonly message: WebhookMessage
  readonly entity: Entity | null
  readonly operation: RevisionOperation | null
  /** Of a change: what changed; of others, the webhook itself. */
  readonly lane: string
  readonly entityVersion: number | null
  readonly committedAt: Date | null
  readonly messageId: string
}

/** What is to be told of a change. */
export function notedMessageOf(webhookId: string, change: CommittedChange): NotedMessage {
  const { entity, id, version, operation, committedAt, token } = change
  return {
    ...{ message: 'CHANGE', entity, operation, lane: id, entityVersion: version, committedAt },
    messageId: messageIdOf(webhookId, token, entity, id, version, operation),
  }
}

/** What is to be told that is no change. @param cause what makes it another message than the one before */
export function noticeOf(webhookId: string, message: WebhookMessage, cause: string): NotedMessage {
  const ofNothing = { entity: null, operation: null, entityVersion: null, committedAt: null }
  return { ...ofNothing, message, lane: webhookId, messageId: messageIdOf(webhookId, message, cause) }
}

/** Stable for a cause and a webhook, and no other webhook's. */
function messageIdOf(...parts: readonly (string | number)[]): string {
  return `msg_${createHash('sha256').update(parts.join(' ')).digest('base64url').slice(0, 27)}`
}

/** The type of a message: 'session.updated'. */
export function typeOf({
  message,
  entity,
  operation,
}: Pick<NotedMessage, 'message' | 'operation'> & {
  readonly entity: string | null
}): string {
  if (message !== 'CHANGE') return notices[message]
  const noun = entity!.toLowerCase().replace('session_type', 'sessionType')
  return `${noun}.${operation!.toLowerCase()}`
}

const notices = { RESYNC: 'webhook.resync', TEST: 'webhook.test', STOP: 'webhook.stopped' } as const

/**
 * The body of a message.
 *
 * @param state what changed, as it is now; null: it is deleted, or not for this webhook's eyes
 */
export function bodyOf(
  message: NotedMessage,
  event: { readonly id: string; readonly slug: string },
  { state, reason, now }: { state: ProgrammeRow | null; reason: string | null; now: Date },
): string {
  const ofEvent = { eventId: event.id, eventSlug: event.slug }
  const data =
    message.message === 'CHANGE'
      ? { ...ofEvent, id: message.lane, version: message.entityVersion, state: state && shown(state) }
      : { ...ofEvent, ...(reason === null ? {} : { reason }) }
  return JSON.stringify({ type: typeOf(message), timestamp: message.committedAt ?? now, data })
}

/** A row as the API shows it; what the API shows to some only is left out. */
function shown(row: ProgrammeRow): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !unshown.has(name)))
}

const unshown = new Set([
  'sourceId',
  'userId',
  'erasedAt',
  'availableFrom',
  'availableUntil',
  'deletedAt',
  'formerSlugs',
])
