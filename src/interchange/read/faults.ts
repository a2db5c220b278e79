import { ApiError, badUserInput } from '../../errors.ts'

/** What is wrong with a programme, and where in its file. */
export interface Fault {
  readonly place: string
  readonly reason: string
}

/** A file that can't be read as a programme at all. Thrown; nothing is written then. */
export function unreadable(place: string, reason: string, cause?: unknown): ApiError {
  const error = badUserInput([{ path: [place], message: reason }])
  if (cause !== undefined) error.cause = cause
  return error
}

/**
 * Faults that keep a programme from being imported, all of them at once.
 *
 * @param advice what to do about all of them together
 */
export function refusedFor(faults: readonly Fault[], advice = 'Nothing was imported.'): ApiError {
  const issues = faults.map(({ place, reason }) => ({ path: [place], message: reason }))
  const lines = faults.map(({ place, reason }) => `${place}: ${reason}`)
  return new ApiError('BAD_USER_INPUT', [...lines, advice].join('\n'), { issues })
}
