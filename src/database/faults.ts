import { Prisma } from '../generated/prisma/client.ts'

/** What a failed statement means, as far as a client can be told something better than "internal". */
export type DatabaseFault =
  /** A table or column that the code was built for isn't there. */
  | { readonly kind: 'schema' }
  /** The database can't be reached, is overloaded, or gave up the transaction; nothing was written. */
  | { readonly kind: 'unavailable' }
  /** Somebody else has just taken a value that must be unique. `fields`: columns, or the index's name. */
  | { readonly kind: 'taken'; readonly fields: readonly string[] }
  /** What may not overlap would. */
  | { readonly kind: 'overlaps' }
  /** A rule of the schema (CHECK, foreign key, length) or of its texts that the code should have looked at first. */
  | { readonly kind: 'refused'; readonly rule: string }

/** The only place that reads the error shapes of Prisma and of its pg adapter. Null: not the database's fault. */
export function databaseFaultOf(error: unknown): DatabaseFault | null {
  const sqlState = sqlStateOf(error)
  if (sqlState !== null) return faultOfSqlState(sqlState, error)
  if (error instanceof Prisma.PrismaClientKnownRequestError) return faultOfCode(error.code, error)
  if (error instanceof Prisma.PrismaClientInitializationError) return { kind: 'unavailable' }
  return isConnectionError(error) ? { kind: 'unavailable' } : null
}

function faultOfCode(code: string, error: Prisma.PrismaClientKnownRequestError): DatabaseFault | null {
  if (code === 'P2021' || code === 'P2022') return { kind: 'schema' }
  if (code === 'P2002') return { kind: 'taken', fields: constraintOf(error) }
  if (code === 'P2003' || code === 'P2004') return { kind: 'refused', rule: constraintOf(error).join(', ') }
  return unavailableCodes.has(code) ? { kind: 'unavailable' } : null
}

/** Can't reach, timed out, closed, pool exhausted, transaction lost, write conflict or deadlock. */
const unavailableCodes = new Set([
  'P1001',
  'P1002',
  'P1008',
  'P1011',
  'P1017',
  'P2024',
  'P2028',
  'P2034',
  'P2037',
])

/**
 * No such table, column, function, type, schema, unique key for ON CONFLICT; a column of another type, or one that doesn't
 * take what it should (what clients send is parsed before). */
const schemaStates = new Set([
  '42P01',
  '42703',
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
  // Class 08 connection, 28 and 3D000 no entry, 53 resources, 57 operator; 40, 55 and 25P0x: given up for others.
  return /^(08|28|3D000|53|57|40|55|25P0[23])/.test(state) ? { kind: 'unavailable' } : null
}

/** PostgreSQL's own code, which the adapter keeps in the cause of what it throws. */
function sqlStateOf(error: unknown): string | null {
  for (const layer of layersOf(error)) {
    const code = layer['originalCode'] ?? layer['code']
    if (typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !/^P[1-9]\d{3}$/.test(code)) return code
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
      (typeof code === 'string' && /^E(CONN|TIMEDOUT|NOTFOUND|HOSTUNREACH|PIPE)/.test(code)) ||
      (typeof kind === 'string' &&
        /NotReachable|ConnectionClosed|SocketTimeout|TooManyConnections/.test(kind)) ||
      (typeof message === 'string' &&
        /^(timeout exceeded when trying to connect|Connection terminated|Client has encountered a connection error)/.test(
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
