import type { FastifyRequest } from 'fastify'
import type { Logger } from 'pino'
import { authenticate } from '../access/authenticate.ts'
import type { TokenReader } from '../access/oidc.ts'
import { payerOf, type Viewer } from '../access/viewer.ts'
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

/** What of a request, or of a WebSocket, is needed to serve whoever asks by it. */
export type Asking = Payer & Pick<FastifyRequest, 'id'> & { outcome: Context['outcome'] }

/** How those who ask are found out, held to their budgets, and served. */
export interface Askers {
  readonly rates: RateLimiting
  /** Sets the viewer that an `Authorization` header proves. @throws UNAUTHENTICATED, RATE_LIMITED */
  identify(asker: Asking, authorization: string | undefined): Promise<void>
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
  return {
    rates,
    async identify(asker, authorization) {
      try {
        asker.viewer = await authenticate(db, authorization, clock(), readJwt)
      } catch (error) {
        if (error instanceof ApiError && error.code === 'UNAUTHENTICATED') await rates.noteUnknownToken(asker)
        throw error
      }
      asker.outcome.viewer = asker.viewer.kind
      asker.outcome.payer = payerOf(asker.viewer) ?? asker.outcome.payer
      await rates.admitViewer(asker)
    },
    contextFor: ({ viewer, id, outcome }, handle) => ({
      viewer,
      db: handle,
      clock,
      // Most requests have nothing to say.
      get log() {
        return log.child({ requestId: id })
      },
      requestId: id,
      batches: new Map(),
      outcome,
      shownOnce: [],
      webhookNetworks,
    }),
  }
}
