export interface Recent<Value> {
  get(key: string): Value | undefined
  /** @param size in the unit of the store */
  set(key: string, value: Value, size: number): void
  /** What was used last stands last. */
  values(): Value[]
  /** Of all that is in it. */
  readonly size: number
}

/** Holds what was used last, up to so much in all. What is larger than a quarter of that isn't taken. */
export function createRecent<Value>(sizeAtMost: number): Recent<Value> {
  // A map keeps the order in which its keys were set.
  const all = new Map<string, { readonly value: Value; readonly size: number }>()
  let size = 0
  const remove = (key: string) => {
    size -= all.get(key)?.size ?? 0
    all.delete(key)
  }
  return {
    get: (key) => {
      const found = all.get(key)
      if (found === undefined) return undefined
      all.delete(key)
      all.set(key, found)
      return found.value
    },
    set: (key, value, itsSize) => {
      remove(key)
      if (itsSize > sizeAtMost / 4) return
      all.set(key, { value, size: itsSize })
      size += itsSize
      for (const oldest of all.keys()) {
        if (size <= sizeAtMost) break
        remove(oldest)
      }
    },
    values: () => Array.from(all.values(), ({ value }) => value),
    get size() {
      return size
    },
  }
}
