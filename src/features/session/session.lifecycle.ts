import { may, refusal, type Target } from '../../access/may.ts'
import type { Viewer } from '../../access/viewer.ts'
import { badUserInput } from '../../errors.ts'
import type { SessionState } from '../../generated/prisma/client.ts'

type Transitions = Readonly<Record<SessionState, readonly SessionState[]>>

/** What `session:decide` allows. */
const byOrganizers: Transitions = {
  DRAFT: ['PENDING'],
  PENDING: ['WITHDRAWN', 'ACCEPTED', 'REJECTED', 'CONFIRMED'],
  ACCEPTED: ['PENDING', 'WITHDRAWN', 'REJECTED', 'CONFIRMED', 'CANCELED'],
  CONFIRMED: ['PENDING', 'WITHDRAWN', 'ACCEPTED', 'REJECTED', 'CANCELED'],
  REJECTED: ['PENDING', 'WITHDRAWN', 'ACCEPTED', 'CONFIRMED'],
  CANCELED: ['PENDING', 'WITHDRAWN', 'ACCEPTED', 'REJECTED', 'CONFIRMED'],
  WITHDRAWN: ['PENDING', 'ACCEPTED', 'REJECTED', 'CANCELED'],
}

/** What `session:withdraw` allows a session's own speakers. */
const bySpeakers: Transitions = {
  DRAFT: ['PENDING'],
  PENDING: ['WITHDRAWN'],
  ACCEPTED: ['WITHDRAWN', 'CONFIRMED'],
  CONFIRMED: ['WITHDRAWN'],
  REJECTED: ['WITHDRAWN'],
  CANCELED: ['WITHDRAWN'],
  WITHDRAWN: [],
}

/** The states to which the viewer may take a session from the one that it is in, in the order of the life cycle. */
export function transitionsFor(viewer: Viewer, session: Target & { state: SessionState }): SessionState[] {
  const allowed = new Set([
    ...(may(viewer, 'session:decide', session) ? byOrganizers[session.state] : []),
    ...(may(viewer, 'session:withdraw', session) ? bySpeakers[session.state] : []),
  ])
  return states.filter((state) => allowed.has(state))
}

/**
 * Whatever the session's times are.
 *
 * @param path where the client named the state
 * @throws FORBIDDEN where others may, BAD_USER_INPUT where nobody may
 */
export function requireTransition(
  viewer: Viewer,
  session: Target & { state: SessionState },
  to: SessionState,
  path: readonly string[],
): void {
  if (to === session.state) {
    // Saved as it was: no step, but a change by others all the same.
    if (changers.some((permission) => may(viewer, permission, session))) return
    throw refusal(viewer, 'session:decide')
  }
  const allowed = transitionsFor(viewer, session)
  if (allowed.includes(to)) return
  if (byOrganizers[session.state].includes(to)) throw refusal(viewer, 'session:decide')
  throw badUserInput([
    { path, message: `A session that is ${session.state} can't become ${to}. ${advice(allowed)}` },
  ])
}

/**
 * A new session is a draft or handed in. Who decides may take it on from there at once, as if it had been handed in.
 *
 * @throws FORBIDDEN where others may, BAD_USER_INPUT where nobody may
 */
export function requireFirstState(
  viewer: Viewer,
  target: Target,
  state: SessionState,
  path: readonly string[],
): void {
  const decided = byOrganizers.PENDING
  const mayDecide = may(viewer, 'session:decide', target)
  const allowed: readonly SessionState[] = ['DRAFT', 'PENDING', ...(mayDecide ? decided : [])]
  if (allowed.includes(state)) return
  if (decided.includes(state)) throw refusal(viewer, 'session:decide')
  throw badUserInput([{ path, message: `A session can't begin as ${state}. ${advice(allowed)}` }])
}

/** Whoever has one of them may name the state that a session is in. */
const changers = ['session:decide', 'session:withdraw', 'session:update'] as const

const states = Object.keys(byOrganizers) as SessionState[]

function advice(allowed: readonly SessionState[]): string {
  return allowed.length === 0
    ? 'You can change its state to nothing else.'
    : `You can choose ${allowed.join(', ')}.`
}
