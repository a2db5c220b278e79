// The usual server: Apollo's standalone server over the same schema, Prisma's include for what is selected, no permissions.
import { ApolloServer } from '@apollo/server'
import { startStandaloneServer } from '@apollo/server/standalone'
import { PrismaPg } from '@prisma/adapter-pg'
import type { FieldNode, GraphQLResolveInfo, SelectionSetNode } from 'graphql'
import { PrismaClient } from './generated/prisma/client.ts'

const prisma = new PrismaClient({
  adapter: new PrismaPg({ connectionString: process.env['DATABASE_URL']!, max: 10 }),
})

const typeDefs = `#graphql
  type Query { event(slug: String!): Event session(id: ID!): Session }
  type Mutation { updateSession(id: ID!, patch: SessionPatch!): SessionPayload }
  input SessionPatch { subtitle: String }
  type SessionPayload { session: Session! }
  type Event {
    id: ID! name: String! slug: String!
    sessions(first: Int = 10, after: String, filter: SessionFilter, orderBy: SessionOrder): SessionConnection!
  }
  input SessionFilter { trackIds: [ID!] }
  input SessionOrder { field: SessionOrderField! direction: OrderDirection! = ASC }
  enum SessionOrderField { STARTS_AT TITLE LAST_MODIFIED_AT }
  enum OrderDirection { ASC DESC }
  type SessionConnection { nodes: [Session!]! edges: [SessionEdge!]! pageInfo: PageInfo! totalCount: Int! }
  type SessionEdge { cursor: String! node: Session! }
  type PageInfo { hasNextPage: Boolean! endCursor: String }
  type Session {
    id: ID! title: String! subtitle: String abstract: String startsAt: String endsAt: String lastModifiedAt: String! version: Int!
    track: Track room: Room speakers: [Speaker!]!
  }
  type Track { id: ID! name: String! color: String }
  type Room { id: ID! name: String! }
  type Speaker { id: ID! name: String! biography: String organisation: String }
`

const columns = { STARTS_AT: 'startsAt', TITLE: 'title', LAST_MODIFIED_AT: 'lastModifiedAt' } as const

/** The relations that are selected anywhere below the field. */
function includeOf({ fieldNodes }: GraphQLResolveInfo) {
  const names = new Set<string>()
  const look = (selections: SelectionSetNode | undefined) => {
    for (const field of selections?.selections ?? []) {
      names.add((field as FieldNode).name.value)
      look((field as FieldNode).selectionSet)
    }
  }
  for (const { selectionSet } of fieldNodes) look(selectionSet)
  return {
    ...(names.has('track') ? { track: true } : {}),
    ...(names.has('room') ? { room: true } : {}),
    ...(names.has('speakers')
      ? { speakers: { include: { speaker: true }, orderBy: { position: 'asc' as const } } }
      : {}),
  }
}

const visible = { deletedAt: null, state: { in: ['ACCEPTED' as const, 'CONFIRMED' as const] } }
const iso = (name: string) => (row: Record<string, Date | null>) => row[name]?.toISOString() ?? null

interface PageArguments {
  readonly first: number
  readonly after?: string
  readonly filter?: { readonly trackIds?: string[] }
  readonly orderBy?: { readonly field: keyof typeof columns; readonly direction: 'ASC' | 'DESC' }
}

const resolvers = {
  Query: {
    event: (_: unknown, { slug }: { slug: string }) =>
      prisma.event.findFirst({ where: { slug, state: 'PUBLISHED', deletedAt: null } }),
    session: (_: unknown, { id }: { id: string }, __: unknown, info: GraphQLResolveInfo) =>
      prisma.session.findFirst({
        where: { id, ...visible, event: { state: 'PUBLISHED', deletedAt: null } },
        include: includeOf(info),
      }),
  },
  Mutation: {
    updateSession: async (_: unknown, { id, patch }: { id: string; patch: { subtitle: string } }) => ({
      session: await prisma.session.update({ where: { id }, data: { ...patch, version: { increment: 1 } } }),
    }),
  },
  Event: {
    sessions: async ({ id }: { id: string }, args: PageArguments, _: unknown, info: GraphQLResolveInfo) => {
      const { first, after, filter, orderBy } = args
      const where = {
        eventId: id,
        ...visible,
        ...(filter?.trackIds ? { trackId: { in: filter.trackIds } } : {}),
      }
      const direction = orderBy?.direction === 'DESC' ? ('desc' as const) : ('asc' as const)
      const rows = await prisma.session.findMany({
        where,
        orderBy: [{ [columns[orderBy?.field ?? 'STARTS_AT']]: direction }, { id: direction }],
        take: first + 1,
        ...(after ? { cursor: { id: after }, skip: 1 } : {}),
        include: includeOf(info),
      })
      const nodes = rows.slice(0, first)
      return {
        nodes,
        edges: nodes.map((node) => ({ cursor: node.id, node })),
        pageInfo: { hasNextPage: rows.length > first, endCursor: nodes.at(-1)?.id },
        totalCount: () => prisma.session.count({ where }),
      }
    },
  },
  Session: {
    startsAt: iso('startsAt'),
    endsAt: iso('endsAt'),
    lastModifiedAt: iso('lastModifiedAt'),
    speakers: ({ speakers }: { speakers: { speaker: unknown }[] }) => speakers.map(({ speaker }) => speaker),
  },
}

await startStandaloneServer(new ApolloServer({ typeDefs, resolvers }), {
  listen: { port: Number(process.env['PORT']), host: '127.0.0.1' },
})
process.on('SIGTERM', () => process.exit(0))
