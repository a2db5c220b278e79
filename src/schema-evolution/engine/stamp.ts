/**
 * The name that the engine gave a new migration, with a later time stamp where it would sort before the last one: a
 * clock may be behind, or a migration may have been put after another branch's.
 *
 * @param last the newest migration so far
 */
export function stampAfter(name: string, last: string): string {
  const [, stamp] = /^(\d{14})/.exec(last) ?? []
  if (stamp === undefined || name.slice(0, 14) > stamp) return name
  const [year, month, day, hour, minute, second] = [...stamp.matchAll(/^\d{4}|\d\d/g)].map(Number)
  const next = new Date(Date.UTC(year!, month! - 1, day!, hour!, minute!, second! + 1))
  return next.toISOString().replace(/\D/g, '').slice(0, 14) + name.slice(14)
}

/** A name that sorts right before a migration's. */
export function stampBefore(name: string, what: string): string {
  const [year, month, day, hour, minute, second] = [...name.slice(0, 14).matchAll(/^\d{4}|\d\d/g)].map(Number)
  const before = new Date(Date.UTC(year!, month! - 1, day!, hour!, minute!, second! - 1))
  return `${before.toISOString().replace(/\D/g, '').slice(0, 14)}_${what}`
}
