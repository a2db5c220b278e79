import { randomUUID } from 'node:crypto'
import { may } from '../../access/may.ts'
import { userIdOf, type Viewer } from '../../access/viewer.ts'
import { type Context, inTransaction } from '../../context.ts'
import { badUserInput, notFound, rateLimited, requireVersionOf } from '../../errors.ts'
import type { WebhookState } from '../../generated/prisma/client.ts'
import { checkAll, type Parsed } from '../../input.ts'
import { isId } from '../../paging.ts'
import { asRow } from '../../selection/as-rows.ts'
import type { Select } from '../../selection/merge.ts'
import { newKey, secretOf } from '../../webhooks/signature.ts'
import { newestPlace, placesAt } from '../change/change.list.ts'
import { requireVisibleEvent } from '../event/event.ts'
import { holdTeam } from '../member/member.ts'
import type { WebhookRow } from '../rows.ts'
import type { WebhookPatch, WebhookValues } from './webhook.input.ts'
import { note } from './webhook.queue.ts'
import { bounds, noticeOf } from './webhook.rules.ts'

/** A webhook with the secret that is shown this once. */
export interface ShownWebhook {
  readonly webhook: WebhookRow
  readonly secret: string
}

/**
 * Makes a webhook that is told what is committed from now on.
 *
 * @throws NOT_FOUND for the event; FORBIDDEN; BAD_USER_INPUT; RATE_LIMITED if the event has as many as it may
 */
export async function createWebhook(
  ctx: Context,
  eventSlug: string,
  { values, issues }: Parsed<WebhookValues>,
  select: Select,
): Promise<ShownWebhook> {
  return inTransaction(ctx, async (tx) => {
    const event = await requireVisibleEvent(tx, eventSlug)
    await holdTeam(tx, event.id, 'webhook:manage')
    await checkAll(issues, [])
    const count = await tx.db.webhook.count({ where: { eventId: event.id } })
    if (count >= bounds.perEvent) {
      throw rateLimited(`The event has ${count} webhooks, which is as many as it may. End some`, 60)
    }
    const key = newKey()
    const { seq, token } = await newestPlace(tx, event.id)
    const { url, label, entities } = values
    const { id } = await tx.db.webhook.create({
      data: {
        ...{ url, label, entities, key, eventId: event.id, ...sightOf(tx.viewer) },
        cursors: { create: { seq, token } },
      },
      select: { id: true },
    })
    return shownOnce(ctx, await webhookWith(tx, id, select), key)
  })
}

/**
 * Changes a webhook, which is told from then on what the viewer may see.
 *
 * @param expectedVersion null: whatever the version is
 * @throws NOT_FOUND, FORBIDDEN, CONFLICT, BAD_USER_INPUT
 */
export async function updateWebhook(
  ctx: Context,
  id: string,
  { expectedVersion, patch }: { expectedVersion: number | null; patch: Parsed<WebhookPatch> },
  select: Select,
): Promise<WebhookRow> {
  return inTransaction(ctx, async (tx) => {
    await holdWebhook(tx, id, expectedVersion)
    await checkAll(patch.issues, [])
    const { isPaused, ...values } = patch.values
    const state = isPaused === undefined ? {} : standing(isPaused ? 'PAUSED' : 'ACTIVE')
    const data = { ...values, ...state, ...sightOf(tx.viewer) }
    await tx.db.webhook.update({ where: { id }, data, select: { id: true } })
    return webhookWith(tx, id, select)
  })
}

/** Ends a webhook with all that it was sent. Throws as `updateWebhook`. @returns which one */
export async function deleteWebhook(
  ctx: Context,
  id: string,
  expectedVersion: number | null,
): Promise<string> {
  return inTransaction(ctx, async (tx) => {
    const held = await holdWebhook(tx, id, expectedVersion)
    await tx.db.webhook.delete({ where: { id: held.id } })
    return held.id
  })
}

/** Gives a webhook a new secret; the former one stays valid for so many minutes. Throws as `updateWebhook`. */
export async function rotateWebhookSecret(
  ctx: Context,
  id: string,
  { expectedVersion, formerValidFor }: { expectedVersion: number | null; formerValidFor: number },
  select: Select,
): Promise<ShownWebhook> {
  return inTransaction(ctx, async (tx) => {
    const { key: formerKey } = await holdWebhook(tx, id, expectedVersion)
    if (formerValidFor < 0 || formerValidFor > 10_080) {
      throw badUserInput([{ path: ['formerValidFor'], message: 'must be 0 to 10,080 minutes, a week.' }])
    }
    const key = newKey()
    const formerKeyUntil = new Date(tx.clock().getTime() + formerValidFor * 60_000)
    const data = { key, formerKey, formerKeyUntil }
    await tx.db.webhook.update({ where: { id }, data, select: { id: true } })
    return shownOnce(ctx, await webhookWith(tx, id, select), key)
  })
}

/**
 * Has a webhook told again what was committed from one instant to another.
 *
 * @throws as `updateWebhook`; RATE_LIMITED if several spans are being told already
 */
export async function replayWebhook(
  ctx: Context,
  id: string,
  { since, until }: { since: Date; until: Date | null },
  select: Select,
): Promise<WebhookRow> {
  return inTransaction(ctx, async (tx) => {
    const { eventId } = await holdWebhook(tx, id, null)
    if (until !== null && until < since) {
      throw badUserInput([{ path: ['until'], message: 'must not be before "since".' }])
    }
    const replays = await tx.db.webhookCursor.count({ where: { webhookId: id, untilSeq: { not: null } } })
    if (replays >= bounds.replays) {
      throw rateLimited(`${replays} spans are being told again already, which is as many as there may be`, 60)
    }
    const { begin, end } = await placesAt(tx, eventId, since, until ?? tx.clock())
    if (end > begin.seq) {
      const { seq, token } = begin
      await tx.db.webhookCursor.create({
        data: { webhookId: id, seq, token, untilSeq: end },
        select: { id: true },
      })
    }
    return webhookWith(tx, id, select)
  })
}

/** Sends a message that tells of nothing. Throws as `updateWebhook`; BAD_USER_INPUT for a webhook that isn't told. */
export async function testWebhook(ctx: Context, id: string, select: Select): Promise<WebhookRow> {
  return inTransaction(ctx, async (tx) => {
    const { state } = await holdWebhook(tx, id, null)
    if (state !== 'ACTIVE') {
      const message = `names a webhook that is ${state}. Call updateWebhook with isPaused false first.`
      throw badUserInput([{ path: ['id'], message }])
    }
    await note(tx, id, [noticeOf(id, 'TEST', randomUUID())])
    return webhookWith(tx, id, select)
  })
}

interface HeldWebhook {
  readonly id: string
  readonly eventId: string
  readonly state: WebhookState
  readonly key: Uint8Array<ArrayBuffer>
  readonly version: number
  readonly lastModifiedAt: Date
}

/** Nobody but the team of an event sees its webhooks. */
async function holdWebhook(tx: Context, id: string, expectedVersion: number | null): Promise<HeldWebhook> {
  const find = () => (isId(id) ? tx.db.webhook.findUnique({ where: { id } }) : null)
  const found = await find()
  if (found === null || !may(tx.viewer, 'webhook:manage', found)) throw notFound('webhook', id)
  await holdTeam(tx, found.eventId, 'webhook:manage')
  const held = await find()
  if (held === null) throw notFound('webhook', id)
  requireVersionOf('webhook', held, expectedVersion)
  return held
}

function standing(state: 'ACTIVE' | 'PAUSED') {
  return { state, stopReason: null, restsUntil: null, failures: 0 }
}

/** Whose sight a webhook has. */
function sightOf(viewer: Viewer): { userId: string | null; tokenId: string | null } {
  return { userId: userIdOf(viewer), tokenId: viewer.kind === 'token' ? viewer.tokenId : null }
}

function shownOnce(ctx: Context, webhook: WebhookRow, key: Uint8Array): ShownWebhook {
  const secret = secretOf(key)
  ctx.shownOnce.push(secret)
  return { webhook, secret }
}

async function webhookWith({ db }: Context, id: string, select: Select): Promise<WebhookRow> {
  return asRow(await db.webhook.findUniqueOrThrow({ where: { id }, select }))
}
