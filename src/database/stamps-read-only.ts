import { Prisma } from '../generated/prisma/client.ts'
import type { RuntimeDataModel } from './data-model.ts'

/**
 * A Prisma client extension that refuses every write which names a stamp. The triggers would overwrite the value
 * anyway; whoever names it believes something else, and learns it here.
 *
 * @throws TypeError that names the model and the path; nothing is sent to the database then
 */
export function stampsReadOnly(dataModel: RuntimeDataModel) {
  return Prisma.defineExtension({
    name: 'stamps-read-only',
    query: {
      $allModels: {
        $allOperations({ model, operation, args, query }) {
          if (writes.has(operation))
            walk(dataModel, args, { model, isWritten: false, path: `${model}.${operation}` })
          return query(args)
        },
      },
    },
  })
}

const writes = new Set([
  'create',
  'createMany',
  'createManyAndReturn',
  'update',
  'updateMany',
  'updateManyAndReturn',
  'upsert',
])

const stamps = new Set(['createdAt', 'lastModifiedAt', 'version'])

/** Below these keys of Prisma's arguments values are written, below those they only find or shape rows. */
const writing = new Set(['data', 'create', 'update'])
const reading = new Set(['where', 'select', 'include', 'omit', 'connect', 'disconnect', 'set', 'delete'])

/** Where a value stands in the arguments. */
interface Place {
  readonly model: string
  /** Whether it is written, not only looked for. */
  readonly isWritten: boolean
  readonly path: string
}

function walk(dataModel: RuntimeDataModel, value: unknown, place: Place): void {
  const { model, isWritten, path } = place
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries())
      walk(dataModel, item, { ...place, path: `${path}[${index}]` })
    return
  }
  if (typeof value !== 'object' || value === null || value instanceof Date) return
  const fields = dataModel.models[model]?.fields ?? []
  for (const [key, inner] of Object.entries(value)) {
    if (reading.has(key) || inner === undefined) continue
    const field = fields.find(({ name }) => name === key)
    if (isWritten && stamps.has(key) && field !== undefined) {
      throw new TypeError(`${path}.${key}: the database sets this by itself; leave it out.`)
    }
    const relation = field?.kind === 'object' ? field.type : model
    const isInner = isWritten || writing.has(key)
    walk(dataModel, inner, { model: relation, isWritten: isInner, path: `${path}.${key}` })
  }
}
