import { Prisma } from '../generated/prisma/client.ts'
import { OutcomeUnknown } from './connection.ts'
import { NoShare } from './shares.ts'
import { WorkStopped, WorkTooLarge } from './work.ts'

/** What a failed statement means, as far as a client can be told something better than "internal". */
export type DatabaseFault =
  /** A table or column that the code was built for isn't there. */
  | { readonly kind: 'schema' }
  /** The database can't be reached, or has no room for more; nothing was written. */
  | { readonly kind: 'unavailable' }
  /** The database gave it up for others, who hold or change the same; nothing was written. */
  | { readonly kind: 'given up' }
  /** It took longer than it may; nothing was written. */
  | { readonly kind: 'too slow' }
  /** All connections that the request may have are taken; nothing was written. */
  | { readonly kind: 'busy' }
  /** The request was stopped; what it didn't commit isn't written. */
  | { readonly kind: 'stopped'; readonly why: string }
  /** The request was stopped because it would read more than any may; `what` goes on after "The query". */
  | { readonly kind: 'too large'; readonly what: string }
  /** The database takes no changes: it is a standby. */
  | { readonly kind: 'read only' }
  /** The connection was lost in COMMIT: all of the transaction was written, or nothing. */
  | { readonly kind: 'outcome unknown' }
  /** Somebody else has just taken a value that must be unique. `fields`: columns, or the index's name. */
  | { readonly kind: 'taken'; readonly fields: readonly string[] }
  /** What may not overlap would. */
  | { readonly kind: 'overlaps' }
  /** A rule of the schema (CHECK, foreign key, length) or of its texts that the code should have looked at first. */
  | { readonly kind: 'refused'; readonly rule: string }

/** The only place that reads the error shapes of Prisma and of its pg adapter. Null: not the database's fault. */
export function databaseFaultOf(error: unknown): DatabaseFault | null {
  const layers = layersOf(error)
  if (layers.some((layer) => layer instanceof OutcomeUnknown)) return { kind: 'outcome unknown' }
  if (layers.some((layer) => layer instanceof NoShare)) return { kind: 'busy' }
  const stopped = layers.find((layer) => layer instanceof WorkStopped)
  if (stopped !== undefined) return { kind: 'stopped', why: stopped.message }
  const tooLarge = layers.find((layer) => layer instanceof WorkTooLarge)
  if (tooLarge !== undefined) return { kind: 'too large', what: tooLarge.message }
  const state = sqlStateOf(error)
  if (state !== null) return faultOfSqlState(state, error)
  // Before Prisma's own code: to it a raw statement that found no database is one that failed (P2010).
  if (isConnectionError(error)) return { kind: 'unavailable' }
  if (error instanceof Prisma.PrismaClientKnownRequestError) return faultOfCode(error.code, error)
  return error instanceof Prisma.PrismaClientInitializationError ? { kind: 'unavailable' } : null
}

function faultOfCode(code: string, error: Prisma.PrismaClientKnownRequestError): DatabaseFault | null {
  if (code === 'P2021' || code === 'P2022') return { kind: 'schema' }
  if (code === 'P2002') return { kind: 'taken', fields: constraintOf(error) }
  if (code === 'P2003' || code === 'P2004') return { kind: 'refused', rule: constraintOf(error).join(', ') }
  if (code === 'P2034') return { kind: 'given up' }
  // Prisma ends a transaction that is older than it may be.
  if (code === 'P2028') return { kind: 'too slow' }
  return unavailableCodes.has(code) ? { kind: 'unavailable' } : null
}

/** Can't reach, timed out, closed, pool exhausted. */
const unavailableCodes = new Set(['P1001', 'P1002', 'P1008', 'P1011', 'P1017', 'P2024', 'P2037'])

/**
 * No such table, column (or a name that then means another one as well), function, type, schema, unique key for ON CONFLICT; a column of another type, or one that doesn't
 * take what it should (what clients send is parsed before). */
const schemaStates = new Set([
  '42P01',
  '42703',
  '42702',
  '42883',
  '42704',
  '3F000',
  '42P10',
  '42804',
  '22P02',
  '22P03',
])

function faultOfSqlState(state: string, error: unknown): DatabaseFault | null {
  if (schemaStates.has(state)) return { kind: 'schema' }
  if (state === '23505') return { kind: 'taken', fields: constraintOf(error) }
  if (state === '23P01') return { kind: 'overlaps' }
  // What a trigger of ours refuses, it says in words.
  if (state === '23001') return { kind: 'refused', rule: saidBy(error) }
  if (state.startsWith('23')) return { kind: 'refused', rule: constraintOf(error).join(', ') }
  if (state === '22021') return { kind: 'refused', rule: 'it holds a text with the character U+0000' }
  if (state === '25006') return { kind: 'read only' }
  // statement_timeout, or somebody ended the statement; transaction_timeout.
  if (state === '57014' || state === '25P04') return { kind: 'too slow' }
  // Class 40: deadlock or conflict of serializable transactions; 55: a lock that can't be had. 0A000, 26000: a migration
  // has just changed what the statement was prepared for.
  if (/^(40|55|0A000|26000)/.test(state)) return { kind: 'given up' }
  // Class 08 connection, 28 and 3D000 no entry, 53 resources, 57 operator; 25P0x: the transaction was ended.
  return /^(08|28|3D000|53|57|25P0[23])/.test(state) ? { kind: 'unavailable' } : null
}

/** By its first two characters: EPIPE is none, nor is Prisma's P2010. */
const sqlState = /^(\d[0-9A-Z]|F0|HV|P0|XX)[0-9A-Z]{3}$/

/** PostgreSQL's own code, which the adapter keeps in the cause of what it throws. */
function sqlStateOf(error: unknown): string | null {
  for (const layer of layersOf(error)) {
    const code = layer['originalCode'] ?? layer['code']
    if (typeof code === 'string' && sqlState.test(code)) return code
  }
  return null
}

function saidBy(error: unknown): string {
  const said = layersOf(error).map((layer) => layer['originalMessage'])
  return said.find((message) => typeof message === 'string') ?? 'a rule of the database'
}

function constraintOf(error: unknown): string[] {
  for (const layer of layersOf(error)) {
    const constraint = layer['constraint']
    if (typeof constraint === 'string') return [constraint]
    if (typeof constraint !== 'object' || constraint === null) continue
    const { fields, index } = constraint as { fields?: string[]; index?: string }
    if (fields !== undefined) return fields
    if (index !== undefined) return [index]
  }
  return []
}

function isConnectionError(error: unknown): boolean {
  return layersOf(error).some(
    ({ code, kind, message }) =>
      (typeof code === 'string' && /^E(CONN|TIMEDOUT|NOTFOUND|HOSTUNREACH|NETUNREACH|PIPE|AI_)/.test(code)) ||
      (typeof kind === 'string' &&
        /NotReachable|ConnectionClosed|SocketTimeout|TooManyConnections|TlsConnectionError/.test(kind)) ||
      (typeof message === 'string' &&
        /^(timeout exp|timeout exceeded when trying to connect|Connection terminated|Client (has encountered|was closed)|Cannot use a pool)/.test(
          message,
        )),
  )
}

/** The error, what Prisma keeps under `meta`, and every `cause` below. */
function layersOf(error: unknown): Record<string, unknown>[] {
  if (typeof error !== 'object' || error === null) return []
  const layer = error as Record<string, unknown>
  const meta = layer['meta'] as { driverAdapterError?: unknown } | undefined
  return [layer, ...layersOf(meta?.driverAdapterError), ...layersOf(layer['cause'])]
}
