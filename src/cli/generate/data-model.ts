import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { projectFolder } from '../../config.ts'
import type { Column, DataModel, Field, Relation } from '../../compiled/data-model.ts'

/**
 * Writes what statements of our own need to know of the Prisma schema: tables, columns, keys, and the words of enums.
 * Prisma's client keeps some of that to itself and lacks the rest. The schema is as `prisma format` writes it.
 */
const schema = readFileSync(path.join(projectFolder, 'prisma/schema.prisma'), 'utf8')
const blocks = [...schema.matchAll(/^(model|enum) (\w+) \{\n([^]*?)^\}/gm)].map(([, kind, name, body]) => ({
  kind,
  name: name!,
  lines: body!
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('//')),
}))
const enums = Object.fromEntries(
  blocks.filter(({ kind }) => kind === 'enum').map(({ name, lines }) => [name, wordsIn(lines)]),
)
const modelBlocks = blocks.filter(({ kind }) => kind === 'model')
const columns = new Map(modelBlocks.map(({ name, lines }) => [name, new Map(lines.flatMap(columnIn))]))

const dataModel: DataModel = {
  models: Object.fromEntries(
    modelBlocks.map(({ name, lines }) => [
      name,
      {
        table: mappedName(lines.find((line) => line.startsWith('@@map')) ?? '', name),
        key: keyOf(lines),
        fields: Object.fromEntries([
          ...columns.get(name)!,
          ...lines.flatMap((line) => relationIn(name, line)),
        ]) as Record<string, Field>,
      },
    ]),
  ),
  enums,
}

writeFileSync(
  path.join(projectFolder, 'src/generated/data-model.ts'),
  `import type { DataModel } from '../compiled/data-model.ts'\n\nexport const dataModel: DataModel = ${JSON.stringify(dataModel, null, 1)}\n`,
)

/** `DRAFT @map("draft")` */
function wordsIn(lines: readonly string[]): Record<string, string> {
  const values = lines.filter((line) => !line.startsWith('@@'))
  return Object.fromEntries(
    values.map((line) => {
      const name = line.split(/\s/)[0]!
      return [name, mappedName(line, name)]
    }),
  )
}

interface Line {
  readonly name: string
  readonly type: string
  readonly isList: boolean
  readonly isRequired: boolean
  readonly attributes: string
}

/** `startsAt DateTime? @map("starts_at") @db.Timestamptz` */
function parsed(line: string): Line | null {
  const [, name, type, many, attributes] = /^(\w+)\s+(\w+)(\[\]|\?)?(?:\s+(.*))?$/.exec(line) ?? []
  if (name === undefined || type === undefined || attributes?.includes('@ignore')) return null
  return { name, type, isList: many === '[]', isRequired: many !== '?', attributes: attributes ?? '' }
}

function columnIn(line: string): [string, Column][] {
  const field = parsed(line)
  if (field === null || modelBlocks.some(({ name }) => name === field.type)) return []
  const { name, type, isList, isRequired, attributes } = field
  const isUuid = attributes.includes('@db.Uuid')
  return [[name, { column: mappedName(attributes, name), type, isUuid, isList, isRequired }]]
}

function relationIn(model: string, line: string): [string, Relation][] {
  const field = parsed(line)
  if (field === null || !columns.has(field.type)) return []
  const { name, type, isList, isRequired } = field
  const own = keysIn(line)
  if (own !== null) return [[name, { model: type, isList, isRequired, on: pairs(model, type, own) }]]
  const back = modelBlocks.find((block) => block.name === type)!.lines.filter(isLinkTo(model))
  // Two relations between the same models would need to be told apart by their names.
  if (back.length !== 1) throw new Error(`${model}.${name}: ${back.length} relations lead back to it.`)
  const on = pairs(type, model, keysIn(back[0]!)!).map(([theirs, ours]) => [ours, theirs] as const)
  return [[name, { model: type, isList, isRequired, on }]]
}

function isLinkTo(model: string) {
  return (line: string) => parsed(line)?.type === model && keysIn(line) !== null
}

function keysIn(line: string): { from: string[]; to: string[] } | null {
  const [, from, to] = /@relation\(.*?fields: \[([^\]]*)\], references: \[([^\]]*)\]/.exec(line) ?? []
  return from === undefined || to === undefined ? null : { from: from.split(', '), to: to.split(', ') }
}

function pairs(from: string, to: string, keys: { from: string[]; to: string[] }) {
  const columnOf = (model: string, field: string) => columns.get(model)!.get(field)!.column
  return keys.from.map((field, index) => [columnOf(from, field), columnOf(to, keys.to[index]!)] as const)
}

/** The first field of the primary key. */
function keyOf(lines: readonly string[]): string {
  const [, composite] = /@@id\(\[(\w+)/.exec(lines.join('\n')) ?? []
  return composite ?? lines.find((line) => /\s@id\b/.test(line))!.split(/\s/)[0]!
}

function mappedName(attributes: string, name: string): string {
  return /@map\("(\w+)"\)/.exec(attributes)?.[1] ?? name
}
