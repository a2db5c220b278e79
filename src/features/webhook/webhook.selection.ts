import type { Context } from '../../context.ts'
import type { TypePlan } from '../../selection/select.ts'

/** What the fields of a webhook need from the database. */
export const webhookPlan: TypePlan<Context> = {
  kinds: { entities: true },
  formerSecretUntil: { formerKeyUntil: true },
  deliveries: { id: true },
  user: ({ select }) => ({ user: { select: select() } }),
}

/** What the fields of a delivery need from the database. */
export const deliveryPlan: TypePlan<Context> = {
  type: { message: true, entity: true, operation: true },
  nodeId: { lane: true, message: true },
  nodeVersion: { entityVersion: true },
  nextTryAt: { nextTryAt: true, state: true },
}
