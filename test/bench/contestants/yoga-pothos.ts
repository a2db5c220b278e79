// GraphQL Yoga over a schema that Pothos' Prisma plugin makes: its fields become one query of Prisma's.
import { createServer } from 'node:http'
import SchemaBuilder from '@pothos/core'
import PrismaPlugin from '@pothos/plugin-prisma'
import { PrismaPg } from '@prisma/adapter-pg'
import { createYoga } from 'graphql-yoga'
import type PrismaTypes from './generated/pothos-types.ts'
import { getDatamodel } from './generated/pothos-types.ts'
import { PrismaClient } from './generated/prisma/client.ts'

const prisma = new PrismaClient({
  adapter: new PrismaPg({ connectionString: process.env['DATABASE_URL']!, max: 10 }),
})
const builder = new SchemaBuilder<{ PrismaTypes: PrismaTypes }>({
  plugins: [PrismaPlugin],
  prisma: { client: prisma, dmmf: getDatamodel() },
})

const visible = { deletedAt: null, state: { in: ['ACCEPTED' as const, 'CONFIRMED' as const] } }
const ofTrack = (track: string | null | undefined) => ({ ...visible, ...(track ? { trackId: track } : {}) })

builder.prismaObject('Track', {
  fields: (t) => ({
    id: t.exposeID('id'),
    name: t.exposeString('name'),
    color: t.exposeString('color', { nullable: true }),
  }),
})
builder.prismaObject('Room', { fields: (t) => ({ id: t.exposeID('id'), name: t.exposeString('name') }) })
builder.prismaObject('Speaker', {
  fields: (t) => ({
    id: t.exposeID('id'),
    name: t.exposeString('name'),
    biography: t.exposeString('biography', { nullable: true }),
    organisation: t.exposeString('organisation', { nullable: true }),
  }),
})
builder.prismaObject('SessionSpeaker', { fields: (t) => ({ speaker: t.relation('speaker') }) })
builder.prismaObject('Session', {
  fields: (t) => ({
    id: t.exposeID('id'),
    cursor: t.exposeString('id'),
    title: t.exposeString('title'),
    subtitle: t.exposeString('subtitle', { nullable: true }),
    abstract: t.exposeString('abstract', { nullable: true }),
    version: t.exposeInt('version'),
    startsAt: t.string({
      nullable: true,
      select: { startsAt: true },
      resolve: ({ startsAt }) => startsAt?.toISOString(),
    }),
    endsAt: t.string({
      nullable: true,
      select: { endsAt: true },
      resolve: ({ endsAt }) => endsAt?.toISOString(),
    }),
    lastModifiedAt: t.string({
      select: { lastModifiedAt: true },
      resolve: (row) => row.lastModifiedAt.toISOString(),
    }),
    track: t.relation('track', { nullable: true }),
    room: t.relation('room', { nullable: true }),
    speakers: t.relation('speakers', { query: { orderBy: { position: 'asc' } } }),
  }),
})
builder.prismaObject('Event', {
  fields: (t) => ({
    id: t.exposeID('id'),
    name: t.exposeString('name'),
    sessionCount: t.relationCount('sessions', {
      args: { track: t.arg.string() },
      where: ({ track }) => ofTrack(track),
    }),
    sessions: t.relation('sessions', {
      args: {
        first: t.arg.int({ defaultValue: 10 }),
        track: t.arg.string(),
        byTitle: t.arg.boolean(),
        byStamp: t.arg.boolean(),
      },
      query: ({ first, track, byTitle, byStamp }) => ({
        where: ofTrack(track),
        take: first ?? 10,
        orderBy: [
          byTitle
            ? { title: 'asc' as const }
            : byStamp
              ? { lastModifiedAt: 'asc' as const }
              : { startsAt: 'asc' as const },
          { id: 'asc' as const },
        ],
      }),
    }),
  }),
})
builder.queryType({
  fields: (t) => ({
    event: t.prismaField({
      type: 'Event',
      nullable: true,
      args: { slug: t.arg.string({ required: true }) },
      resolve: (query, _root, { slug }) =>
        prisma.event.findFirst({ ...query, where: { slug, state: 'PUBLISHED', deletedAt: null } }),
    }),
    session: t.prismaField({
      type: 'Session',
      nullable: true,
      args: { id: t.arg.id({ required: true }) },
      resolve: (query, _root, { id }) =>
        prisma.session.findFirst({
          ...query,
          where: { id: String(id), ...visible, event: { state: 'PUBLISHED', deletedAt: null } },
        }),
    }),
  }),
})
builder.mutationType({
  fields: (t) => ({
    updateSession: t.prismaField({
      type: 'Session',
      nullable: true,
      args: { id: t.arg.id({ required: true }), subtitle: t.arg.string() },
      resolve: (query, _root, { id, subtitle }) =>
        prisma.session.update({
          ...query,
          where: { id: String(id) },
          data: { subtitle: subtitle ?? null, version: { increment: 1 } },
        }),
    }),
  }),
})

const yoga = createYoga({ schema: builder.toSchema(), logging: false, graphiql: false })
createServer((request, response) => void yoga(request, response)).listen(
  Number(process.env['PORT']),
  '127.0.0.1',
)
process.on('SIGTERM', () => process.exit(0))
