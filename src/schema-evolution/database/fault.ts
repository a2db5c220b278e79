/**
 * What went wrong, in the words of Prisma's CLI: `code` is the P-number by which it and its users know the
 * fault (https://www.prisma.io/docs/orm/reference/error-reference), null where there is none.
 */
export class SchemaEngineError extends Error {
  override readonly name = 'SchemaEngineError'
  readonly code: string | null
  readonly meta: unknown

  constructor(code: string | null, message: string, options: ErrorOptions & { meta?: unknown } = {}) {
    super(message, options)
    this.code = code
    this.meta = options.meta
  }
}

/** A connection that couldn't be opened, told without the password. */
export function connectionFault(error: unknown, url: string): SchemaEngineError {
  const { host, database, user } = partsOf(url)
  const fault = (code: string, message: string) => new SchemaEngineError(code, message, { cause: error })
  const { code, message } = shapeOf(error)
  if (code === '3D000') {
    return fault('P1003', `Database \`${database}\` does not exist on the database server at \`${host}\`.`)
  }
  if (code === '28P01' || message.startsWith('SASL')) {
    return fault(
      'P1000',
      `Authentication failed against the database server at \`${host}\`: the credentials for \`${user}\` are ` +
        'not valid. Check the user and the password of the URL.',
    )
  }
  if (code === '28000' || code === '42501') {
    return fault('P1010', `User \`${user}\` was denied access on the database \`${database}\`: ${message}`)
  }
  if (code === '53300') return fault('P2037', `Too many database connections opened: ${message}`)
  if (isTlsFault(code, message)) return fault('P1011', `Error opening a TLS connection: ${message}`)
  return fault(
    'P1001',
    `Can't reach database server at \`${host}\` (${message || code}). ` +
      'Make sure that it is running there and that the URL is right.',
  )
}

/** The server went away, or ended the session, in the middle of the work. */
export function connectionLost(error: unknown): SchemaEngineError {
  const { message } = shapeOf(error)
  return new SchemaEngineError('P1017', `Server has closed the connection: ${message}`, { cause: error })
}

/** The engine's own errors carry the P-number as `code`, and after the message the Rust functions they came by. */
export function engineFault(error: unknown): SchemaEngineError {
  if (error instanceof SchemaEngineError) return error
  const { code, message } = shapeOf(error)
  const told = message.replace(/\n +0: \w+::[^]*$/, '').replace(/^external connector error\n/m, '')
  return new SchemaEngineError(/^P\d{4}$/.test(code) ? code : null, told, { cause: error })
}

function partsOf(url: string): { host: string; database: string; user: string } {
  const { hostname, port, pathname, username, searchParams } = new URL(url)
  return {
    host: searchParams.get('host') ?? `${hostname}:${port || '5432'}`,
    database: decodeURIComponent(pathname.slice(1)),
    user: decodeURIComponent(username),
  }
}

function isTlsFault(code: string, message: string): boolean {
  return /CERT|TLS|SSL|HOSTNAME_MISMATCH|UNABLE_TO_VERIFY/.test(code) || /\b(SSL|TLS)\b/.test(message)
}

/** Node's dual-stack connect rejects with an AggregateError that has a code but no message. */
function shapeOf(error: unknown): { code: string; message: string } {
  if (!(error instanceof Error)) return { code: '', message: String(error) }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return { code, message: error.message }
}
