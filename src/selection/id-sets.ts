/** Names a list of ids, so that what several rows refer to is loaded for all of them at once. */
export function idSet(ids: readonly string[]): string {
  return ids.join(' ')
}

/**
 * What each of these lists of ids names, in the order in which it was found.
 *
 * @param sets as `idSet` names them
 * @param find is called once, with all ids; what it doesn't find is left out
 */
export async function loadSets<Row extends { readonly id: string }>(
  sets: readonly string[],
  find: (ids: string[]) => Promise<readonly Row[]>,
): Promise<Map<string, Row[]>> {
  const idsOf = (set: string) => set.split(' ').filter((id) => id !== '')
  const ids = sets.flatMap(idsOf)
  const rows = ids.length === 0 ? [] : await find(ids)
  return new Map(sets.map((set) => [set, rows.filter(({ id }) => idsOf(set).includes(id))]))
}
