/** An instant as the names of migrations begin with it: `YYYYMMDDHHMMSS`, in UTC. */
export function stampOf(instant: Date): string {
  return instant.toISOString().replace(/\D/g, '').slice(0, 14)
}

/**
 * The name that the engine gave a new migration, with a later time stamp where it would sort before the last one: a
 * clock may be behind, or a migration may have been put after another branch's.
 *
 * @param last the newest migration so far
 */
export function stampAfter(name: string, last: string): string {
  const [, stamp] = /^(\d{14})/.exec(last) ?? []
  if (stamp === undefined || name.slice(0, 14) > stamp) return name
  return shifted(stamp, 1) + name.slice(14)
}

/** A name that sorts right before a migration's. */
export function stampBefore(name: string, what: string): string {
  return `${shifted(name.slice(0, 14), -1)}_${what}`
}

function shifted(stamp: string, seconds: number): string {
  const [year, month, day, hour, minute, second] = [...stamp.matchAll(/^\d{4}|\d\d/g)].map(Number)
  const moment = new Date(Date.UTC(year!, month! - 1, day!, hour!, minute!, second! + seconds))
  return stampOf(moment)
}
