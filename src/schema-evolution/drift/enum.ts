import pg from 'pg'

/** New labels in their places, or one label under another name. None if labels are to go: PostgreSQL can't do that. */
export function enumChange(name: string, found: readonly string[], wanted: readonly string[]): string[] {
  const type = `ALTER TYPE ${pg.escapeIdentifier(name)}`
  const gone = found.filter((label) => !wanted.includes(label))
  const added = wanted.filter((label) => !found.includes(label))
  const [former, now] = [gone[0], added[0]]
  const isRenamed = gone.length === 1 && added.length === 1 && found.indexOf(former!) === wanted.indexOf(now!)
  if (isRenamed) return [`${type} RENAME VALUE ${pg.escapeLiteral(former!)} TO ${pg.escapeLiteral(now!)}`]
  if (gone.length > 0) return []
  return added.map((label) => {
    const before = wanted[wanted.indexOf(label) - 1]
    const next = wanted.slice(wanted.indexOf(label)).find((other) => found.includes(other))
    const place =
      before !== undefined
        ? ` AFTER ${pg.escapeLiteral(before)}`
        : next === undefined
          ? ''
          : ` BEFORE ${pg.escapeLiteral(next)}`
    return `${type} ADD VALUE ${pg.escapeLiteral(label)}${place}`
  })
}
