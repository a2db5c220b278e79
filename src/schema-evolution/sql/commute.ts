import type { How, Touched } from './touched.ts'

/** Why two migrations don't give the same schema and rows in either order. */
export interface OrderConflict {
  /** `column sessions.title` */
  readonly object: string
  readonly ours: readonly How[]
  readonly theirs: readonly How[]
  /** A sentence for people. */
  readonly message: string
}

/**
 * Where two migrations don't commute. Different columns that are added to one table do; so do readers. What can't be
 * known is taken to conflict with everything but new tables.
 */
export function conflictsBetween(ours: readonly Touched[], theirs: readonly Touched[]): OrderConflict[] {
  const found = ours.flatMap((our) =>
    theirs
      .filter((their) => isSame(our, their) && !commute(our.how, their.how))
      .map((their) => [our, their] as const),
  )
  const wholes = new Set(
    found
      .map(([our]) => our)
      .filter(isWhole)
      .map(({ name }) => name),
  )
  const inside = ({ kind, name }: Touched) =>
    kind !== 'table' && wholes.has(name.slice(0, name.lastIndexOf('.')))
  const byObject = new Map<string, (readonly [Touched, Touched])[]>()
  for (const pair of found.filter(([our]) => !inside(our))) {
    const [our, their] = pair
    const object = `${our.kind} ${our.name.endsWith('.*') ? their.name : our.name}`
    byObject.set(object, [...(byObject.get(object) ?? []), pair])
  }
  return [
    ...[...byObject].map(([object, pairs]) =>
      conflict(
        object,
        pairs.map(([our]) => our.how),
        pairs.map(([, their]) => their.how),
      ),
    ),
    ...unknownAgainst(ours, theirs, 'ours'),
    ...unknownAgainst(theirs, ours, 'theirs'),
  ]
}

function conflict(object: string, ourHows: readonly How[], theirHows: readonly How[]): OrderConflict {
  const [ours, theirs] = [[...new Set(ourHows)], [...new Set(theirHows)]]
  const isBoth = ours.length === 1 && ours.join() === theirs.join()
  const message = isBoth
    ? `both ${plural(ours[0]!)} the ${object}`
    : `one ${ours.join(' and ')}, the other ${theirs.join(' and ')} the ${object}`
  return { object, ours, theirs, message }
}

/** `alters` of two becomes `both alter`. */
function plural(how: How): string {
  return how.replace(/s$/, '')
}

/** Tables, views, indexes and sequences share their names. */
const relations = new Set(['table', 'view', 'index', 'sequence'])

function isSame(one: Touched, other: Touched): boolean {
  if (one.kind === 'anything' || other.kind === 'anything') return false
  if (one.name === other.name) {
    return one.kind === other.kind || (relations.has(one.kind) && relations.has(other.kind))
  }
  if (one.kind !== 'column' || other.kind !== 'column') return false
  const [oneTable, oneColumn] = split(one.name)
  const [otherTable, otherColumn] = split(other.name)
  return oneTable === otherTable && (oneColumn === '*' || otherColumn === '*')
}

function split(name: string): [string, string] {
  const at = name.lastIndexOf('.')
  return [name.slice(0, at), name.slice(at + 1)]
}

function commute(one: How, other: How): boolean {
  const pair = new Set([one, other])
  if (pair.has('creates') || pair.has('drops')) return false
  if (pair.has('needs')) return true
  return one === 'reads' && other === 'reads'
}

/** A table that comes or goes takes along what is inside of it, which then needs no mention. */
function isWhole({ kind, how }: Touched): boolean {
  return kind === 'table' && (how === 'creates' || how === 'drops' || how === 'needs')
}

function unknownAgainst(
  unknown: readonly Touched[],
  known: readonly Touched[],
  side: 'ours' | 'theirs',
): OrderConflict[] {
  const reach = known.filter(({ kind, how }) => kind !== 'anything' && !isAddition(how, kind))
  return unknown
    .filter(({ kind }) => kind === 'anything')
    .filter(({ how }) => (how === 'needs' ? reach.some((one) => one.how === 'drops') : meets(reach, known)))
    .map(({ name, how }) => {
      const others = [...new Set(reach.map((one) => one.how))]
      const message = `what ${name} touches can't be known, so somebody has to look at it`
      return side === 'ours'
        ? { object: name, ours: [how], theirs: others, message }
        : { object: name, ours: others, theirs: [how], message }
    })
}

/** Two that can't be known are in each other's way too; that is told once for each. */
function meets(reach: readonly Touched[], known: readonly Touched[]): boolean {
  return reach.length > 0 || known.some(({ kind, how }) => kind === 'anything' && how === 'writes')
}

function isAddition(how: How, kind: Touched['kind']): boolean {
  return how === 'creates' && (kind === 'table' || kind === 'type' || kind === 'index' || kind === 'view')
}
