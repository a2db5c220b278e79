/** What a release knows of the database: its schema.prisma, in the names of the database. */
export interface ReleasedSchema {
  readonly tables: ReadonlyMap<string, ReadonlyMap<string, ReleasedColumn>>
  readonly enums: ReadonlyMap<string, ReadonlySet<string>>
}

export interface ReleasedColumn {
  /** Whether it can't be NULL. */
  readonly isRequired: boolean
}

const block = /^(model|view|enum)\s+(\w+)\s*\{\n([\s\S]*?)^\}/gm

/**
 * Reads as much of a Prisma schema as decides what its client selects: by name, every column of a model but those that
 * are `@ignore`d or Unsupported. Line by line, as `prisma format` writes it.
 */
export function readPrismaSchema(text: string): ReleasedSchema {
  const blocks = [...text.matchAll(block)].map(([, kind, name, body]) => ({
    kind: kind!,
    name: name!,
    lines: body!
      .split('\n')
      .map(withoutComment)
      .filter((line) => line.trim() !== ''),
  }))
  const models = blocks.filter(
    ({ kind, lines }) => kind !== 'enum' && !lines.some((line) => /^\s*@@ignore/.test(line)),
  )
  const related = new Set(blocks.filter(({ kind }) => kind !== 'enum').map(({ name }) => name))
  const inDatabase = (name: string, lines: readonly string[]) =>
    lines.map((line) => /^\s*@@map\((?:name:\s*)?"([^"]+)"/.exec(line)?.[1]).find(Boolean) ?? name
  return {
    tables: new Map(
      models.map(({ name, lines }) => [
        inDatabase(name, lines),
        new Map(lines.flatMap((line) => readField(line, related))),
      ]),
    ),
    enums: new Map(
      blocks
        .filter(({ kind }) => kind === 'enum')
        .map(({ name, lines }) => [inDatabase(name, lines), new Set(lines.flatMap(readValue))]),
    ),
  }
}

/** Two slashes inside of a text are no comment. */
function withoutComment(line: string): string {
  return line.replace(/("(?:[^"\\]|\\.)*")|\/\/.*$/g, (_, text: string | undefined) => text ?? '')
}

function readField(line: string, related: ReadonlySet<string>): [string, ReleasedColumn][] {
  const [, name, type, list, optional] = /^\s*(\w+)\s+(\w+)(\[\])?(\?)?(?=\s|$)/.exec(line) ?? []
  if (name === undefined || type === undefined || related.has(type) || /\s@ignore\b/.test(line)) return []
  return [[mapped(line) ?? name, { isRequired: optional === undefined && list === undefined }]]
}

function readValue(line: string): string[] {
  const name = /^\s*(\w+)/.exec(line)?.[1]
  return name === undefined ? [] : [mapped(line) ?? name]
}

function mapped(line: string): string | undefined {
  return /\s@map\((?:name:\s*)?"([^"]+)"/.exec(line)?.[1]
}
