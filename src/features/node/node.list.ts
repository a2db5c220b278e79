import { modelNamed } from '../../compiled/data-model.ts'
import type { Context } from '../../context.ts'
import { badUserInput } from '../../errors.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import { isId } from '../../paging.ts'
import { rowsById } from '../../selection/rows-by-id.ts'
import type { Select } from '../../selection/merge.ts'
import type {
  BreakRow,
  EventRow,
  MemberRow,
  RoomRow,
  SessionRow,
  SessionTypeRow,
  SpeakerRow,
  TokenRow,
  TrackRow,
  WebhookRow,
} from '../rows.ts'
import { canceledWith } from '../session/canceled.list.ts'
import { mostNodes, nodeRules, type NodeType, nodeTypes } from './node.rules.ts'

/** A row whose GraphQL type is known by its name. */
export type NodeRow = { readonly __typename: NodeType } & (
  | EventRow
  | SessionRow
  | SpeakerRow
  | TrackRow
  | RoomRow
  | SessionTypeRow
  | BreakRow
  | MemberRow
  | TokenRow
  | WebhookRow
)

/**
 * What has these ids, as far as the viewer may see it, in their order; null for the rest. A statement for all ids, and one
 * for each type that they are of.
 *
 * @param selects what is wanted of each type
 * @throws BAD_USER_INPUT for more than 100 ids
 */
export async function nodesWith(
  ctx: Context,
  ids: readonly string[],
  selects: Readonly<Record<NodeType, Select>>,
): Promise<(NodeRow | null)[]> {
  if (ids.length > mostNodes) {
    throw badUserInput([{ path: ['ids'], message: `must list ${mostNodes} at most.` }])
  }
  const byId = await nodesOfTypes(ctx, await typesOf(ctx, [...new Set(ids.filter(isId))]), selects)
  return ids.map((id) => byId.get(id.toLowerCase()) ?? null)
}

/**
 * What has these ids and is of these types, by id, as far as the viewer may see it. A statement for each type.
 *
 * @param selects what is wanted of each type that is named
 */
export async function nodesOfTypes(
  ctx: Context,
  typed: readonly TypedId[],
  selects: Readonly<Partial<Record<NodeType, Select>>>,
): Promise<Map<string, NodeRow>> {
  const found = await Promise.all(
    nodeTypes.map(async (type): Promise<[string, NodeRow][]> => {
      const ofType = typed.filter((one) => one.type === type).map(({ id }) => id)
      if (ofType.length === 0) return []
      const select = selects[type] ?? {}
      const rows = await rowsById<NodeRow>((args) => findMany(ctx, type, args), ofType, select)
      const missing = type === 'Session' ? ofType.filter((id) => !rows.has(id.toLowerCase())) : []
      const canceled = missing.length === 0 ? [] : await canceledWith(ctx, missing, select)
      return [...rows, ...canceled].map(([id, row]) => [id, { ...row, __typename: type } as NodeRow])
    }),
  )
  return new Map(found.flat())
}

interface TypedId {
  readonly type: NodeType
  readonly id: string
}

async function typesOf({ db }: Context, ids: readonly string[]): Promise<TypedId[]> {
  if (ids.length === 0) return []
  const ofTypes = nodeTypes.map(
    (type) =>
      Prisma.sql`SELECT ${type}::text AS type, id FROM ${tableOfType(type)} WHERE id = ANY (${[...ids]}::uuid[])`,
  )
  return db.$queryRaw`${Prisma.join(ofTypes, ' UNION ALL ')}`
}

function tableOfType(type: NodeType): Prisma.Sql {
  return Prisma.raw(modelNamed(nodeRules[type].model).table)
}

type ByIds = Parameters<Parameters<typeof rowsById>[0]>[0]

function findMany({ db, viewer }: Context, type: NodeType, { where, ...args }: ByIds): Promise<object[]> {
  switch (type) {
    case 'Event':
      return db.event.findMany({ ...args, where: { AND: [where, nodeRules.Event.visible(viewer)] } })
    case 'Session':
      return db.session.findMany({ ...args, where: { AND: [where, nodeRules.Session.visible(viewer)] } })
    case 'Speaker':
      return db.speaker.findMany({ ...args, where: { AND: [where, nodeRules.Speaker.visible(viewer)] } })
    case 'Track':
      return db.track.findMany({ ...args, where: { AND: [where, nodeRules.Track.visible(viewer)] } })
    case 'Room':
      return db.room.findMany({ ...args, where: { AND: [where, nodeRules.Room.visible(viewer)] } })
    case 'SessionType':
      return db.sessionType.findMany({
        ...args,
        where: { AND: [where, nodeRules.SessionType.visible(viewer)] },
      })
    case 'Break':
      return db.break.findMany({ ...args, where: { AND: [where, nodeRules.Break.visible(viewer)] } })
    case 'Member':
      return db.membership.findMany({ ...args, where: { AND: [where, nodeRules.Member.visible(viewer)] } })
    case 'AccessToken':
      return db.accessToken.findMany({
        ...args,
        where: { AND: [where, nodeRules.AccessToken.visible(viewer)] },
      })
    case 'Webhook':
      return db.webhook.findMany({ ...args, where: { AND: [where, nodeRules.Webhook.visible(viewer)] } })
  }
}
