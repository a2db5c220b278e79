import DataLoader from 'dataloader'
import type { GraphQLResolveInfo } from 'graphql'
import type { Path } from 'graphql/jsutils/Path.js'

/** One request's loaders: a field of the query, list positions left out, to what loads it for many parents. */
export type Batches = Map<string, DataLoader<string, unknown>>

/**
 * Loads what a plan had to leave out (two aliases of one relation with different arguments): one call of `load` for
 * all the parents of the field, however many there are.
 *
 * @param parent its id, and what tells several loads of one field apart
 * @param load gives what it found by the parent's id; a parent that it leaves out gets undefined
 */
export async function loadForAllParents<Value>(
  batches: Batches,
  info: GraphQLResolveInfo,
  parent: string | { readonly id: string; readonly part: string },
  load: (parentIds: readonly string[]) => Promise<ReadonlyMap<string, Value>>,
): Promise<Value | undefined> {
  const { id, part } = typeof parent === 'string' ? { id: parent, part: '' } : parent
  const key = `${fieldPath(info.path)} ${part}`
  let loader = batches.get(key)
  if (loader === undefined) {
    loader = new DataLoader(async (ids) => {
      const found = await load(ids)
      return ids.map((id) => found.get(id))
    })
    batches.set(key, loader)
  }
  // The key names one field of one query, so what its loader gives is what its `load` promised.
  return (await loader.load(id)) as Value | undefined
}

function fieldPath(path: Path | undefined): string {
  if (path === undefined) return ''
  return typeof path.key === 'number' ? fieldPath(path.prev) : `${fieldPath(path.prev)}.${path.key}`
}
