import { requireMay } from '../../access/may.ts'
import type {
  EventResolvers,
  MutationResolvers,
  WebhookDeliveryResolvers,
  WebhookResolvers,
} from '../../generated/graphql.ts'
import { pageOf } from '../../paging.ts'
import { connectionFor, selectFor } from '../../selection/select.ts'
import { parsePatch, parseWebhook } from './webhook.input.ts'
import { deliveryList, listDeliveries, listWebhooks, webhookList } from './webhook.list.ts'
import { typeOf } from './webhook.rules.ts'
import {
  createWebhook,
  deleteWebhook,
  replayWebhook,
  rotateWebhookSecret,
  testWebhook,
  updateWebhook,
} from './webhook.ts'

export const webhookMutations = {
  createWebhook: (_root, { input }, ctx, info) => {
    const parsed = parseWebhook(input, ctx.webhookNetworks)
    return createWebhook(ctx, input.eventSlug, parsed, selectFor(info, ctx, 'webhook'))
  },
  updateWebhook: async (_root, { id, expectedVersion = null, patch }, ctx, info) => {
    const change = { expectedVersion, patch: parsePatch(patch, ctx.webhookNetworks) }
    return { webhook: await updateWebhook(ctx, id, change, selectFor(info, ctx, 'webhook')) }
  },
  deleteWebhook: async (_root, { id, expectedVersion = null }, ctx) => ({
    webhookId: await deleteWebhook(ctx, id, expectedVersion),
  }),
  rotateWebhookSecret: (_root, { id, expectedVersion = null, formerValidFor }, ctx, info) => {
    const change = { expectedVersion, formerValidFor: formerValidFor ?? 1440 }
    return rotateWebhookSecret(ctx, id, change, selectFor(info, ctx, 'webhook'))
  },
  replayWebhook: async (_root, { id, since, until }, ctx, info) => {
    const span = { since, until: until ?? null }
    return { webhook: await replayWebhook(ctx, id, span, selectFor(info, ctx, 'webhook')) }
  },
  testWebhook: async (_root, { id }, ctx, info) => ({
    webhook: await testWebhook(ctx, id, selectFor(info, ctx, 'webhook')),
  }),
} satisfies MutationResolvers

export const webhooksOfEvent = {
  webhooks: async (event, args, ctx, info) => {
    requireMay(ctx.viewer, 'webhook:manage', { eventId: event.id })
    return listWebhooks(ctx, event.id, {
      page: pageOf(args, webhookList),
      selection: connectionFor(info, ctx),
    })
  },
} satisfies EventResolvers

export const webhookFields = {
  kinds: ({ entities }) => entities,
  formerSecretUntil: ({ formerKeyUntil }, _args, { clock }) =>
    formerKeyUntil !== null && formerKeyUntil > clock() ? formerKeyUntil : null,
  deliveries: async ({ id }, { state, ...args }, ctx, info) => {
    const wanted = { page: pageOf(args, deliveryList), selection: connectionFor(info, ctx) }
    return listDeliveries(ctx, id, state ?? null, wanted)
  },
} satisfies WebhookResolvers

export const deliveryFields = {
  type: (delivery) => typeOf(delivery),
  nodeId: ({ lane, message }) => (message === 'CHANGE' ? lane : null),
  nodeVersion: ({ entityVersion }) => entityVersion,
  nextTryAt: ({ nextTryAt, state }) => (state === 'PENDING' ? nextTryAt : null),
} satisfies WebhookDeliveryResolvers
