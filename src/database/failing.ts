/** A database in which everything fails by the error. */
export function failing(error: unknown): object {
  const fail = () => Promise.reject(error)
  const model = new Proxy({}, { get: () => fail })
  return new Proxy({}, { get: (_db, name) => (String(name).startsWith('$') ? fail : model) })
}
