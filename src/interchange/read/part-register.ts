import type { FoundPart } from './found.ts'

/** Something named that sessions refer to, while its file is being read. */
export interface Entry<Values extends { readonly name: string }> extends FoundPart {
  readonly values: Values
  sourceId: string
  ids: string[]
  faults: string[]
}

export interface PartRegister<Values extends { readonly name: string }> {
  /**
   * The entry that is known under one of the keys, made where it is new. Values and ids that the entry doesn't have
   * yet are added, so that the most talkative place of the file counts, and the first one where two contradict.
   *
   * @param part.ids what the file calls it, the strongest first
   * @param part.aliases keys under which it is found where nothing else has them
   */
  note(keys: readonly string[], part: NewEntry<Values>): Entry<Values>
  find(key: string): Entry<Values> | undefined
  /** The first entry with the id. */
  findById(id: string): Entry<Values> | undefined
  /**
   * All entries in the order of their first mention, each with its `sourceId`: the first id of the file, else the name.
   * An id that several names share (merged schedules number their people anew) identifies none of them alone.
   */
  settled(): readonly Entry<Values>[]
}

interface NewEntry<Values> {
  readonly ids: readonly string[]
  readonly place: string
  readonly values: Values
  readonly faults?: readonly string[]
  readonly aliases?: readonly string[]
}

export function partRegister<Values extends { readonly name: string }>(): PartRegister<Values> {
  const entries: Entry<Values>[] = []
  const entriesByKey = new Map<string, Entry<Values>>()
  /** null: more than one has it. */
  const entriesByAlias = new Map<string, Entry<Values> | null>()
  const entriesById = new Map<string, Entry<Values>>()
  return {
    note(keys, { ids, place, values, faults = [], aliases = [] }) {
      let entry = keys.map((key) => entriesByKey.get(key)).find((known) => known !== undefined)
      if (entry === undefined) {
        entry = { place, ids: [], sourceId: values.name, values: { ...values }, faults: [] }
        entries.push(entry)
      }
      for (const key of keys) if (!entriesByKey.has(key)) entriesByKey.set(key, entry)
      for (const alias of aliases) {
        const known = entriesByAlias.get(alias)
        entriesByAlias.set(alias, known === undefined || known === entry ? entry : null)
      }
      for (const id of ids) {
        if (!entry.ids.includes(id)) entry.ids.push(id)
        if (!entriesById.has(id)) entriesById.set(id, entry)
      }
      for (const [name, value] of Object.entries(values)) addMissing(entry.values, name, value)
      for (const fault of faults) if (!entry.faults.includes(fault)) entry.faults.push(fault)
      return entry
    },
    find: (key) => entriesByKey.get(key) ?? entriesByAlias.get(key) ?? undefined,
    findById: (id) => entriesById.get(id),
    settled() {
      const uses = new Map<string, number>()
      for (const { ids } of entries) for (const id of ids) uses.set(id, (uses.get(id) ?? 0) + 1)
      for (const entry of entries) {
        entry.ids = entry.ids.map((id) => (uses.get(id)! > 1 ? `${id} ${entry.values.name}` : id))
        entry.sourceId = entry.ids[0] ?? entry.values.name
      }
      return entries
    },
  }
}

function addMissing(values: object, name: string, value: unknown): void {
  const present = (values as Record<string, unknown>)[name]
  if (present === undefined || present === null) Object.assign(values, { [name]: value })
}
