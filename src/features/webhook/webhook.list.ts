import type { Context } from '../../context.ts'
import { reachOf, requireOperator } from '../../access/may.ts'
import type { Viewer } from '../../access/viewer.ts'
import type { DeliveryState, Prisma, WebhookState } from '../../generated/prisma/client.ts'
import { type Connection, listByCreation } from '../../paging.ts'
import { pageByCreation, type WantedPage } from '../../selection/page-by-creation.ts'
import type { WebhookDeliveryRow, WebhookRow } from '../rows.ts'

export const webhookList = listByCreation('Event.webhooks', 50, 'DESC')
export const deliveryList = listByCreation('Webhook.deliveries', 20, 'DESC')

/** The webhooks that the viewer manages, of events that are there. */
export function visibleWebhooks(viewer: Viewer): Prisma.WebhookWhereInput {
  const { everywhere, eventIds } = reachOf(viewer, 'webhook:manage')
  const isThere = { event: { deletedAt: null } }
  return everywhere ? isThere : { ...isThere, eventId: { in: [...eventIds] } }
}

/** One page of an event's webhooks, newest first. */
export async function listWebhooks(
  { db }: Context,
  eventId: string,
  wanted: WantedPage,
): Promise<Connection<WebhookRow>> {
  return pageByCreation(db.webhook, { where: { eventId }, of: eventId }, wanted)
}

/** One page of what a webhook was sent and is to be sent, newest first. @param state null: whichever */
export async function listDeliveries(
  { db }: Context,
  webhookId: string,
  state: DeliveryState | null,
  wanted: WantedPage,
): Promise<Connection<WebhookDeliveryRow>> {
  const where = { webhookId, ...(state === null ? {} : { state }) }
  return pageByCreation(db.webhookDelivery, { where, of: webhookId }, wanted)
}

/** A webhook as the operator's command lists it. */
export interface DescribedWebhook {
  readonly id: string
  /** By its slug. */
  readonly event: string
  readonly url: string
  readonly label: string
  /** Of what it is told; empty: of everything. */
  readonly kinds: readonly string[]
  readonly state: WebhookState
  readonly stopReason: string | null
  /** Messages that wait to be sent. */
  readonly waiting: number
}

/** All webhooks of events that are there, newest first. */
export async function describeWebhooks(ctx: Context): Promise<DescribedWebhook[]> {
  requireOperator(ctx.viewer)
  return ctx.db.$queryRaw<DescribedWebhook[]>`
    SELECT w.id, e.slug AS event, w.url, w.label, upper(w.entities::text)::text[] AS kinds, upper(w.state::text) AS state,
           w.stop_reason AS "stopReason",
           (SELECT count(*)::integer FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.state = 'pending') AS waiting
    FROM webhooks w JOIN events e ON e.id = w.event_id WHERE e.deleted_at IS NULL ORDER BY w.id DESC`
}
