import type { Context } from '../../context.ts'
import { reachOf } from '../../access/may.ts'
import type { Viewer } from '../../access/viewer.ts'
import type { DeliveryState, Prisma } from '../../generated/prisma/client.ts'
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
