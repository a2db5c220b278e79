import { Prisma } from '../generated/prisma/client.ts'
import { faultOfInstant } from '../time/instant.ts'
import type { RuntimeDataModel } from './data-model.ts'

/**
 * The second line of defence of UTC (the first are the scalars, the third is the connection): a Prisma client
 * extension that lets only instants through where a model has a DateTime.
 *
 * Prisma calls an extension once an operation, not for nested writes, so the arguments are walked: data, filters,
 * nested writes, filters inside `select`, and the parameters of raw SQL.
 *
 * @throws TypeError that names the model and the path; nothing is sent to the database then.
 */
export function instantsOnly(dataModel: RuntimeDataModel) {
  return Prisma.defineExtension({
    name: 'instants-only',
    query: {
      $allModels: {
        $allOperations({ model, operation, args, query }) {
          walk(dataModel, model, args, `${model}.${operation}`)
          return query(args)
        },
      },
      $queryRaw: ({ args, query }) => query(checkedParameters(args, '$queryRaw')),
      $executeRaw: ({ args, query }) => query(checkedParameters(args, '$executeRaw')),
      $queryRawUnsafe: refuseUnsafe,
      $executeRawUnsafe: refuseUnsafe,
    },
  })
}

/** A key that isn't a field (where, data, AND, create, some, gte ...) keeps the model; a relation changes it. */
function walk(dataModel: RuntimeDataModel, model: string, value: unknown, path: string): void {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) walk(dataModel, model, item, `${path}[${index}]`)
    return
  }
  if (!isPlainObject(value)) return
  const fields = dataModel.models[model]?.fields ?? []
  for (const [key, inner] of Object.entries(value)) {
    if (keysWithoutValues.has(key)) continue
    const field = fields.find(({ name }) => name === key)
    const here = `${path}.${key}`
    if (field?.type === 'DateTime') checkInstants(inner, here)
    else walk(dataModel, field?.kind === 'object' ? field.type : model, inner, here)
  }
}

/** Under these keys a DateTime field's name is followed by a direction or a flag, never by a value. */
const keysWithoutValues = new Set(['orderBy', 'omit', 'by', 'distinct', '_max', '_min'])

/** A value, an operator object such as { gte, lt } or { set }, a list of values, or `true` inside a `select`. */
function checkInstants(value: unknown, path: string): void {
  if (value === undefined || value === null || typeof value === 'boolean') return
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) checkInstants(item, `${path}[${index}]`)
  } else if (isPlainObject(value)) {
    for (const [operator, operand] of Object.entries(value)) checkInstants(operand, `${path}.${operator}`)
  } else {
    requireInstant(value, path)
  }
}

function faultOf(value: unknown): string | null {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date.' : null
  if (typeof value === 'string') return faultOfInstant(value)
  return `a ${typeof value} isn't an instant; pass a Date.`
}

/** @throws TypeError */
export function requireInstant(value: unknown, path: string): void {
  const fault = faultOf(value)
  if (fault !== null) throw new TypeError(`${path}: ${fault}`)
}

function checkedParameters(sql: Prisma.Sql, path: string): Prisma.Sql {
  for (const [index, value] of sql.values.entries()) checkParameter(value, `${path} $${index + 1}`)
  return sql
}

function checkParameter(value: unknown, path: string): void {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) checkParameter(item, `${path}[${index}]`)
    return
  }
  const fault = value instanceof Date || looksLikeLocalTime(value) ? faultOf(value) : null
  if (fault !== null) throw new TypeError(`${path}: ${fault}`)
}

/** Raw SQL doesn't say which parameters are timestamps, so text is judged by its looks. */
function looksLikeLocalTime(value: unknown): boolean {
  return typeof value === 'string' && /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?$/.test(value)
}

/** Nothing here needs SQL pasted from strings, so nobody gets to. */
function refuseUnsafe(): never {
  throw new TypeError(
    'Raw SQL goes through $queryRaw`...` and $executeRaw`...`, whose parameters are checked.',
  )
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !(value instanceof Date) && !ArrayBuffer.isView(value)
}
