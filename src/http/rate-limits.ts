import type { FastifyInstance, FastifyRequest } from 'fastify'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { userIdOf, type Viewer } from '../access/viewer.ts'
import { networkOf } from '../addresses.ts'
import { rateLimited } from '../errors.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The budgets that pay for this request; undefined until one does. */
    accounts: Account[] | undefined
  }
}

/** Points a minute. A point is about a microsecond of the server's time. 0: no limit. */
export interface RateLimits {
  /** For all that an address asks anonymously. */
  readonly perAddress: number
  /** For a person, by whatever tokens. */
  readonly perUser: number
  readonly perToken: number
}

/**
 * Half of one processor's time. Not less, because a whole conference may sit behind one address, and an estimate is what
 * a query costs at most.
 */
export const defaultRateLimits: RateLimits = {
  perAddress: 30_000_000,
  perUser: 30_000_000,
  perToken: 30_000_000,
}

/** What each request costs, whatever it asks for: reading it, finding out who asks, answering. */
const pointsOfRequest = 1_000

/** A minute's tokens that prove nothing, from one address. Each is a look into the database. */
const unknownTokensPerAddress = 300

const window = 60

/** Who pays, out of which budget. */
interface Account {
  readonly budget: Budget
  readonly key: string
  state: RateLimiterRes
}

interface Budget {
  readonly name: string
  readonly limiter: RateLimiterMemory
}

/** What of a request tells who pays for it. */
export type Payer = Pick<FastifyRequest, 'ip' | 'viewer' | 'accounts'> & {
  readonly headers: { readonly authorization?: string | undefined }
}

/** The budgets of one server, kept in its memory. */
export interface RateLimiting {
  /** To be called before anything is read. @throws RATE_LIMITED */
  admitAddress(request: Payer): Promise<void>
  /** Whoever asks is known now. @throws RATE_LIMITED */
  admitViewer(request: Payer): Promise<void>
  /** The request's token proved nothing. */
  noteUnknownToken(request: Payer): Promise<void>
  /** What a request costs beyond the fixed part, if it isn't answered like others. */
  charge(request: Payer, points: number): Promise<void>
  /** Takes what the request has cost, now that it is answered. @returns headers that tell what is left */
  settle(
    request: Pick<FastifyRequest, 'accounts' | 'outcome'>,
  ): Promise<readonly (readonly [string, string])[]>
}

/**
 * Holds whoever asks to points a minute. What a request costs beyond the fixed part is taken when it is answered, so
 * that a dear one may bring its payer into debt, and the next has to wait.
 */
export function registerRateLimits(app: FastifyInstance, limits: RateLimits): RateLimiting {
  const address = budgetOf('address', limits.perAddress)
  const user = budgetOf('user', limits.perUser)
  const token = budgetOf('token', limits.perToken)
  const unknownTokens = budgetOf('unknown-tokens', limits.perAddress && unknownTokensPerAddress)
  app.decorateRequest('accounts')
  const settle: RateLimiting['settle'] = async ({ accounts = [], outcome }) => {
    await penalize(accounts, outcome.cost ?? 0)
    return accounts.length === 0 ? [] : headersOf(accounts)
  }
  app.addHook('onSend', async (request, reply) => {
    for (const [name, value] of await settle(request)) void reply.header(name, value)
  })
  return {
    admitAddress: async (request) => {
      const key = networkOf(request.ip)
      if (request.headers.authorization === undefined) await charge(request, address, key)
      else if (unknownTokens !== null) await requireSome(unknownTokens, key)
    },
    admitViewer: async (request) => {
      for (const [budget, key] of payers(request.viewer)) {
        await charge(request, budget === 'user' ? user : token, key)
      }
    },
    noteUnknownToken: async (request) => {
      await unknownTokens?.limiter.penalty(networkOf(request.ip))
    },
    charge: ({ accounts = [] }, points) => penalize(accounts, points),
    settle,
  }
}

async function penalize(accounts: readonly Account[], points: number): Promise<void> {
  for (const account of accounts) {
    account.state = await account.budget.limiter.penalty(account.key, Math.ceil(points))
  }
}

function budgetOf(name: string, points: number): Budget | null {
  return points === 0 ? null : { name, limiter: new RateLimiterMemory({ points, duration: window }) }
}

/** An anonymous request was paid for by its address. */
function payers(viewer: Viewer): [budget: 'user' | 'token', key: string][] {
  const userId = userIdOf(viewer)
  return [
    ...(viewer.kind === 'token' ? [['token', viewer.tokenId] as ['token', string]] : []),
    ...(userId === null ? [] : [['user', userId] as ['user', string]]),
  ]
}

async function charge(request: Payer, budget: Budget | null, key: string): Promise<void> {
  if (budget === null) return
  const accounts = (request.accounts ??= [])
  try {
    const state = await budget.limiter.consume(key, pointsOfRequest)
    accounts.push({ budget, key, state })
  } catch (state) {
    if (!(state instanceof RateLimiterRes)) throw state
    accounts.push({ budget, key, state })
    throw refusal(budget, state)
  }
}

async function requireSome(budget: Budget, key: string): Promise<void> {
  const state = await budget.limiter.get(key)
  if (state !== null && state.remainingPoints <= 0) throw refusal(budget, state)
}

function refusal({ name, limiter }: Budget, { msBeforeNext }: RateLimiterRes) {
  const seconds = Math.max(1, Math.ceil(msBeforeNext / 1_000))
  switch (name) {
    case 'unknown-tokens':
      return rateLimited(`Your address has sent too many tokens that are not known here`, seconds)
    case 'address':
      return rateLimited(
        `Your address has used up its ${limiter.points} points of this minute. Sign in, or ask for less`,
        seconds,
      )
    default:
      return rateLimited(`This ${name} has used up its ${limiter.points} points of this minute`, seconds)
  }
}

/** As draft-ietf-httpapi-ratelimit-headers has it since its 8th edition. */
function headersOf(accounts: readonly Account[]): [string, string][] {
  const policies = accounts.map(({ budget: { name, limiter } }) => {
    return `"${name}";q=${limiter.points};qu="points";w=${window}`
  })
  const states = accounts.map(({ budget: { name }, state: { remainingPoints, msBeforeNext } }) => {
    return `"${name}";r=${remainingPoints};t=${Math.ceil(msBeforeNext / 1_000)}`
  })
  return [
    ['ratelimit-policy', policies.join(', ')],
    ['ratelimit', states.join(', ')],
  ]
}
