import type { FoundPart } from './found.ts'

/** Something named that sessions refer to, while its file is being read. */
export interface Entry<Values extends { readonly name: string }> extends FoundPart {
  readonly values: Values
  sourceId: string
  id: string | null
  faults: string[]
}

export interface PartRegister<Values extends { readonly name: string }> {
  /**
   * The entry that is known under the key, made where it is new. Values that the entry doesn't have yet are added,
   * so that the most talkative place of the file counts, and the first one where two contradict.
   */
  note(
    key: string,
    part: { id: string | null; place: string; values: Values; faults?: readonly string[] },
  ): Entry<Values>
  find(key: string): Entry<Values> | undefined
  /** The first entry with the id. */
  findById(id: string): Entry<Values> | undefined
  /**
   * All entries in the order of their first mention, each with its `sourceId`: the id of the file, else the name. An
   * id that several names share (merged schedules number their people anew) identifies none of them alone.
   */
  settled(): readonly Entry<Values>[]
}

export function partRegister<Values extends { readonly name: string }>(): PartRegister<Values> {
  const entries = new Map<string, Entry<Values>>()
  const entriesById = new Map<string, Entry<Values>>()
  return {
    note(key, { id, place, values, faults = [] }) {
      const entry = entries.get(key)
      if (entry === undefined) {
        const created = { place, id, sourceId: id ?? values.name, values: { ...values }, faults: [...faults] }
        entries.set(key, created)
        if (id !== null && !entriesById.has(id)) entriesById.set(id, created)
        return created
      }
      entry.id ??= id
      for (const [name, value] of Object.entries(values)) addMissing(entry.values, name, value)
      for (const fault of faults) if (!entry.faults.includes(fault)) entry.faults.push(fault)
      return entry
    },
    find: (key) => entries.get(key),
    findById: (id) => entriesById.get(id),
    settled() {
      const all = [...entries.values()]
      const uses = new Map<string, number>()
      for (const { id } of all) if (id !== null) uses.set(id, (uses.get(id) ?? 0) + 1)
      for (const entry of all) {
        const isAmbiguous = entry.id !== null && uses.get(entry.id)! > 1
        entry.sourceId = isAmbiguous ? `${entry.id} ${entry.values.name}` : (entry.id ?? entry.values.name)
      }
      return all
    },
  }
}

function addMissing(values: object, name: string, value: unknown): void {
  const present = (values as Record<string, unknown>)[name]
  if (present === undefined || present === null) Object.assign(values, { [name]: value })
}
