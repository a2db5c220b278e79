interface Type {
  readonly name: string
  /** Length, or precision and scale. */
  readonly numbers: readonly number[]
  readonly array: string
}

/**
 * Whether ALTER COLUMN TYPE only changes the catalogue: where every old value is, bit by bit, a new one. Our sessions
 * are in UTC, where timestamp and timestamptz are the same.
 *
 * @param before the type as `typeText` says it; null where it isn't known, and then the worst is assumed
 */
export function keepsRows(before: string | null, after: string): boolean {
  if (before === null || before === '') return false
  if (before === after) return true
  const [from, to] = [parse(before), parse(after)]
  if (from.array !== to.array) return false
  const family = families.find((names) => names.includes(from.name) && names.includes(to.name))
  if (family === undefined) return from.name === 'cidr' && to.name === 'inet' && from.array === ''
  if (to.name === 'varchar' && to.numbers.length > 0 && from.name === 'text') return false
  if (to.numbers.length === 0) return true
  if (from.numbers.length === 0) return family.includes('timestamp') && to.numbers[0] === 6
  const [fromSize = 0, fromScale = 0] = from.numbers
  const [toSize = 0, toScale = 0] = to.numbers
  return toSize >= fromSize && (from.name !== 'numeric' || toScale === fromScale)
}

const families = [
  ['varchar', 'text'],
  ['numeric'],
  ['timestamp', 'timestamptz'],
  ['time'],
  ['timetz'],
  ['varbit'],
  ['interval'],
]

function parse(text: string): Type {
  const [, name = text, numbers = '', array = ''] = /^([^([]+)(?:\(([\d,]*)\))?((?:\[\])*)$/.exec(text) ?? []
  return { name, numbers: numbers === '' ? [] : numbers.split(',').map(Number), array }
}
