import type { Node, RangeVar, TypeName } from 'libpg-query'

/** PostgreSQL's parse tree: a node is an object with one key, its kind; what is false, zero or empty is left out. */
export type NodeKind = Node extends infer One ? (One extends unknown ? keyof One : never) : never
export type NodeOf<Kind extends NodeKind> = Extract<Node, Record<Kind, unknown>>[Kind]

/** What to do for some kinds of nodes. */
export type Handlers<Argument, Result> = {
  readonly [Kind in NodeKind]?: (node: NodeOf<Kind>, argument: Argument) => Result
}

export function kindOf(node: Node): NodeKind {
  // A node has exactly one key.
  return Object.keys(node)[0] as NodeKind
}

/** What the node holds where it is of that kind. */
export function asKind<Kind extends NodeKind>(node: Node | undefined, kind: Kind): NodeOf<Kind> | undefined {
  // The key says the type, which the compiler doesn't follow through a union.
  return (node as Partial<Record<Kind, NodeOf<Kind>>> | undefined)?.[kind]
}

/** What the handler of the node's kind says; undefined where there is none. */
export function handle<Argument, Result>(
  handlers: Handlers<Argument, Result>,
  node: Node,
  argument: Argument,
): Result | undefined {
  const kind = kindOf(node)
  // The handler under a kind takes the nodes of that kind.
  const handler = handlers[kind] as ((node: unknown, argument: Argument) => Result) | undefined
  return handler?.((node as Record<string, unknown>)[kind], argument)
}

/** Every node of a kind below a tree, itself included. */
export function nodesOf<Kind extends NodeKind>(tree: unknown, kind: Kind): NodeOf<Kind>[] {
  const found: NodeOf<Kind>[] = []
  walk(tree, (name, value) => {
    if (name === kind) found.push(value as NodeOf<Kind>)
  })
  return found
}

function walk(value: unknown, visit: (key: string, value: unknown) => void): void {
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner === 'object') visit(key, inner)
    walk(inner, visit)
  }
}

/** A name as we write it: without the schema where that is `public`. */
export function relationName({ schemaname, relname = '' }: RangeVar): string {
  return qualified(schemaname === undefined ? [relname] : [schemaname, relname])
}

/** The name that a list of strings spells. */
export function qualifiedName(parts: readonly Node[] | undefined): string {
  return qualified(stringsOf(parts))
}

export function stringsOf(parts: readonly Node[] | undefined): string[] {
  return (parts ?? []).flatMap((part) => asKind(part, 'String')?.sval ?? [])
}

export function qualified(parts: readonly string[]): string {
  return (parts[0] === 'public' && parts.length > 1 ? parts.slice(1) : parts).join('.')
}

/** `varchar(20)`, `timestamptz[]`, `session_state`: PostgreSQL's own name of a type, without `pg_catalog`. */
export function typeText({ names, typmods, arrayBounds }: TypeName): string {
  const name = qualified(stringsOf(names).filter((part) => part !== 'pg_catalog'))
  const numbers = (typmods ?? []).map((mod) => String(asKind(mod, 'A_Const')?.ival?.ival ?? 0))
  return `${name}${numbers.length > 0 ? `(${numbers.join(',')})` : ''}${(arrayBounds ?? []).map(() => '[]').join('')}`
}

const builtInTypes = new Set(
  (
    'bool int2 int4 int8 float4 float8 numeric text varchar bpchar char name uuid bytea json jsonb jsonpath xml date ' +
    'time timetz timestamp timestamptz interval oid regclass regtype regproc inet cidr macaddr bit varbit money point ' +
    'line box path polygon circle lseg tsvector tsquery xid xid8 pg_lsn record trigger event_trigger void anyelement ' +
    'anyarray int4range int8range numrange tsrange tstzrange daterange smallserial serial bigserial serial2 serial4 serial8 hstore citext'
  ).split(' '),
)

/** Whether it came with PostgreSQL, rather than out of a migration. */
export function isBuiltInType({ names }: TypeName): boolean {
  const parts = stringsOf(names)
  return parts[0] === 'pg_catalog' || (parts.length === 1 && builtInTypes.has(parts[0]!))
}
