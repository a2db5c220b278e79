/**
 * What a client can be told went wrong: one closed list, thrown by every floor and translated to GraphQL in
 * one place (`graphql/error-translation.ts`). Anything else that is thrown is a bug or an outside fault.
 */
export type ErrorCode =
  | 'BAD_USER_INPUT'
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'LOCKED'
  | 'RATE_LIMITED'
  | 'QUERY_TOO_COMPLEX'
  | 'PERSISTED_QUERY_NOT_FOUND'
  | 'RESYNC'
  | 'SCHEMA_OUT_OF_DATE'
  | 'UNAVAILABLE'
  | 'INTERNAL_SERVER_ERROR'

/** One fault of an input: where (names and indices from the argument down) and what to do about it. */
export interface InputIssue {
  readonly path: readonly (string | number)[]
  readonly message: string
  /** If it isn't that of the error which lists the issue. */
  readonly code?: ErrorCode
}

export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly code: ErrorCode
  readonly details: Readonly<Record<string, unknown>>

  constructor(
    code: ErrorCode,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
    options?: ErrorOptions,
  ) {
    super(message, options)
    this.code = code
    this.details = details
  }
}

/** Every fault of an input at once; the message repeats them for people who only read messages. */
export function badUserInput(issues: readonly InputIssue[]): ApiError {
  const text = issues.map(({ path, message }) =>
    path.length > 0 ? `${path.join('.')}: ${message}` : message,
  )
  return new ApiError('BAD_USER_INPUT', text.join('\n'), { issues })
}

export function unauthenticated(message: string): ApiError {
  return new ApiError('UNAUTHENTICATED', message)
}

export function forbidden(message: string): ApiError {
  return new ApiError('FORBIDDEN', message)
}

/** The viewer may do it, but not while it is locked. */
export function locked(message: string): ApiError {
  return new ApiError('LOCKED', message)
}

/** Also the answer for what exists but isn't for this viewer's eyes: the two can't be told apart. */
export function notFound(what: string, id: string): ApiError {
  return new ApiError('NOT_FOUND', `There is no ${what} ${JSON.stringify(id)} that you may see.`)
}

/** An id in an input that names nothing there, nothing of this event, or nothing for this viewer's eyes. */
export function noneInEvent(path: InputIssue['path'], what: string, id: string): InputIssue {
  return { path, message: `There is no ${what} ${JSON.stringify(id)} in this event.` }
}

/** How a version that was expected differs from what is stored. */
export interface Conflict {
  readonly expectedVersion: number
  readonly current: { readonly version: number; readonly lastModifiedAt: Date }
  /** Left out for what has no history. */
  readonly changedFields?: readonly string[]
  /** Of each field: what the client began from, what is stored, what it sent; each as far as there is one to be told. */
  readonly conflicts?: readonly {
    readonly field: string
    readonly base?: unknown
    readonly stored?: unknown
    readonly sent?: unknown
  }[]
  /** What to do, if it isn't to read it again. */
  readonly advice?: string | undefined
}

/** Somebody else was faster. */
export function conflict(what: string, { expectedVersion, current, advice, ...details }: Conflict): ApiError {
  return new ApiError(
    'CONFLICT',
    `The ${what} was changed meanwhile: you expected version ${expectedVersion}, it is at ${current.version}. ` +
      (advice ?? 'Read it again, then repeat the change with the new version.'),
    {
      current: { version: current.version, lastModifiedAt: current.lastModifiedAt.toISOString() },
      ...details,
    },
  )
}

/**
 * For whoever holds an old version of what has no history: refuses the change that was made for it.
 *
 * @param expectedVersion null: whatever the version is
 * @throws CONFLICT
 */
export function requireVersionOf(
  what: string,
  stored: { version: number; lastModifiedAt: Date },
  expectedVersion: number | null,
): void {
  if (expectedVersion === null || expectedVersion === stored.version) return
  throw conflict(what, { expectedVersion, current: stored })
}

/**
 * Several refusals as one, each with its place in the input. Code and further details are those of the first; issues of
 * other codes name theirs.
 *
 * @param faults of the input, beside what is refused
 */
export function allTogether(
  refusals: readonly [Refusal, ...Refusal[]],
  faults: readonly InputIssue[] = [],
): ApiError {
  const [{ error: first }] = refusals
  const issues: InputIssue[] = [
    ...refusals.map(({ path, error: { code, message } }) => ({
      ...{ path, message },
      ...(code === first.code ? {} : { code }),
    })),
    ...faults.map((fault) => ({ ...fault, code: 'BAD_USER_INPUT' as const })),
  ]
  const text = issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  return new ApiError(first.code, text.join('\n'), { ...first.details, issues })
}

/** What of an input is refused, and where it was named. */
export interface Refusal {
  readonly path: InputIssue['path']
  readonly error: ApiError
}

export function schemaOutOfDate(cause?: unknown): ApiError {
  return new ApiError(
    'SCHEMA_OUT_OF_DATE',
    "The database's schema isn't the one that this server was built for. Its operator has to run " +
      '"npm run migrations -- deploy"; /readyz tells more.',
    {},
    { cause },
  )
}

/**
 * Something can't be had now, and can soon. `retryAfter` is in seconds, and the header `Retry-After`, too.
 *
 * @param reason a sentence
 * @param options.hasChanged whether the request has changed something already, which stays
 */
export function unavailable(
  reason: string,
  { hasChanged = false, cause }: { hasChanged?: boolean; cause?: unknown } = {},
): ApiError {
  const consequence = hasChanged
    ? 'Something of this request was changed before, and stays so: read it before you repeat anything.'
    : 'Nothing was changed: try again in some seconds.'
  const details = hasChanged ? {} : { retryAfter: 5 }
  return new ApiError('UNAVAILABLE', `${reason} ${consequence}`, details, { cause })
}

/**
 * The connection was lost while a change was being completed. `outcome` tells programs that they mustn't simply repeat it.
 *
 * @param isKeyed whether the request came with an Idempotency-Key
 */
export function outcomeUnknown(cause: unknown, { isKeyed }: { isKeyed: boolean }): ApiError {
  const findOut = isKeyed
    ? 'Send the same request again with the same Idempotency-Key: it is made once, and you are given its answer.'
    : 'Read what it was to change: its version and lastModifiedAt tell. Repeat the change only if it was not made. ' +
      'A change that is sent with an Idempotency-Key can be repeated without looking.'
  return new ApiError(
    'UNAVAILABLE',
    "The connection to the database broke while the change was being completed, so it isn't known whether it was made. " +
      findOut,
    { outcome: 'UNKNOWN' },
    { cause },
  )
}

/** @param retryAfter in seconds; the header `Retry-After`, too */
export function rateLimited(message: string, retryAfter: number): ApiError {
  return new ApiError('RATE_LIMITED', `${message}. Try again in ${retryAfter} seconds.`, { retryAfter })
}

/** A feed's cursor can't be continued. @param reason a sentence */
export function resync(reason: string): ApiError {
  return new ApiError('RESYNC', `${reason} Throw your copy away, and begin a new chain without "after".`)
}

/** @param what is too much: 'has more than 12 levels of fields' */
export function queryTooComplex(what: string): ApiError {
  return new ApiError('QUERY_TOO_COMPLEX', `The query ${what}. Ask for less, or in several requests.`)
}

/** @param changes how many root fields the mutation has */
export function tooManyChanges(changes: number, limit: number): ApiError {
  return new ApiError(
    'QUERY_TOO_COMPLEX',
    `The mutation makes ${changes} changes, and ${limit} is the most in one request. Nothing was changed: send them in ` +
      'several requests.',
    { changes, limit },
  )
}

/** @param cost what the query would cost, and which of its fields cost most */
export function queryTooDear(
  cost: { readonly points: number; readonly parts: readonly { path: string; points: number }[] },
  limit: number,
): ApiError {
  const dearest = cost.parts.map(({ path, points }) => `${path} (${points})`).join(', ')
  return new ApiError(
    'QUERY_TOO_COMPLEX',
    `The query would cost ${cost.points} points, and ${limit} is the most. Its dearest fields: ${dearest}. ` +
      'Ask for smaller pages by "first", for fewer fields, or in several requests.',
    { cost: cost.points, limit, fields: cost.parts },
  )
}

/** For the branch of a `switch` that the types say can't be reached. */
export function assertNever(value: never): never {
  throw new Error(`Unexpected value: ${JSON.stringify(value)}`)
}
