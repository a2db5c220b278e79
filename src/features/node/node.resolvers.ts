import type { GraphQLResolveInfo } from 'graphql'
import type { Context } from '../../context.ts'
import type { QueryResolvers } from '../../generated/graphql.ts'
import type { Select } from '../../selection/merge.ts'
import { selectsFor } from '../../selection/select.ts'
import { nodesWith } from './node.list.ts'
import { type NodeType, nodeTypes } from './node.rules.ts'

export const nodeQueries = {
  node: async (_root, { id }, ctx, info) => {
    const [node = null] = await nodesWith(ctx, [id], nodeSelects(info, ctx))
    return node
  },
  nodes: (_root, { ids }, ctx, info) => nodesWith(ctx, ids, nodeSelects(info, ctx)),
} satisfies QueryResolvers

/** What is selected of a node, type by type. */
function nodeSelects(info: GraphQLResolveInfo, ctx: Context): Record<NodeType, Select> {
  const selects = selectsFor(info, ctx, nodeTypes)
  return Object.fromEntries(nodeTypes.map((type, index) => [type, selects[index]!])) as Record<
    NodeType,
    Select
  >
}
