import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { authentication } from '../access/authenticate.ts'
import type { TokenReader } from '../access/oidc.ts'
import { anonymous, payerOf, type Viewer } from '../access/viewer.ts'
import type { Network } from '../addresses.ts'
import type { Context } from '../context.ts'
import type { Database } from '../database/client.ts'
import { ApiError } from '../errors.ts'
import type { Payer, RateLimiting } from './rate-limits.ts'

declare module 'fastify' {
  interface FastifyRequest {
    viewer: Viewer
  }
}

/** A request that is served, by Fastify or before it. */
export type ServedRequest = Pick<
  FastifyRequest,
  'id' | 'ip' | 'method' | 'url' | 'headers' | 'viewer' | 'accounts' | 'outcome' | 'asked'
> & {
  /** The pattern of its address. */
  readonly routeOptions: { readonly url?: string | undefined }
}

/** What of a request, or of a WebSocket, is needed to serve whoever asks by it. */
export type Asking = Payer & Pick<FastifyRequest, 'id'> & { outcome: Context['outcome'] }

/** How those who ask are found out, held to their budgets, and served. */
export interface Askers {
  readonly rates: RateLimiting
  /** Admits whoever an `Authorization` header proves. @throws UNAUTHENTICATED, RATE_LIMITED */
  identify(asker: Asking, authorization: string | undefined): Promise<void>
  /** Whoever asks is this viewer, who pays from now on. @throws RATE_LIMITED */
  admit(asker: Asking, viewer: Viewer): Promise<void>
  contextFor(asking: Asking, handle: Context['db']): Context
}

export interface AskersOptions {
  readonly db: Database
  readonly clock: () => Date
  /** null: nobody can sign in. */
  readonly readJwt: TokenReader | null
  readonly log: Logger
  /** Where webhooks may go besides the public internet. */
  readonly webhookNetworks: readonly Network[]
}

export function askers(
  { db, clock, readJwt, log, webhookNetworks }: AskersOptions,
  rates: RateLimiting,
): Askers {
  const authenticate = authentication(db, clock, readJwt)
  async function viewerOf(asker: Asking, authorization: string | undefined): Promise<Viewer> {
    try {
      return await authenticate(authorization)
    } catch (error) {
      if (error instanceof ApiError && error.code === 'UNAUTHENTICATED') await rates.noteUnknownToken(asker)
      throw error
    }
  }
  async function admit(asker: Asking, viewer: Viewer): Promise<void> {
    asker.viewer = viewer
    asker.outcome.viewer = viewer.kind
    asker.outcome.payer = payerOf(viewer) ?? asker.outcome.payer
    await rates.admitViewer(asker)
  }
  return {
    rates,
    admit,
    identify: async (asker, authorization) => admit(asker, await viewerOf(asker, authorization)),
    contextFor: ({ viewer, id, outcome }, handle) => ({
      viewer,
      db: handle,
      clock,
      log,
      requestId: id,
      batches: new Map(),
      outcome,
      shownOnce: [],
      webhookNetworks,
    }),
  }
}

/** Each request to the scope is admitted before anything is read: its address first, then whoever its header proves. */
export function admitRequests(scope: FastifyInstance, { rates, identify }: Askers): void {
  scope.addHook('onRequest', async (request) => {
    request.viewer = anonymous
    await rates.admitAddress(request)
    await identify(request, request.headers.authorization)
  })
}
