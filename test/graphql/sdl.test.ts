import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import {
  buildASTSchema,
  buildSchema as schemaOf,
  concatAST,
  DangerousChangeType,
  findBreakingChanges,
  findDangerousChanges,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
  lexicographicSortSchema,
  parse,
  printSchema,
} from 'graphql'
import { describe, expect, test } from 'vitest'
import { executableSchema } from '../../src/graphql/schema.ts'
import { sdlFiles } from '../../src/graphql/sdl-files.ts'
import { projectFolder } from '../../src/config.ts'
import { contract } from './contract.ts'

test('what the files of the SDL say together is valid, which the server takes for granted when it starts', () => {
  const files = sdlFiles.map((file) => readFileSync(path.join(projectFolder, 'src/graphql', file), 'utf8'))
  const together = (texts: readonly string[]) => buildASTSchema(concatAST(texts.map((text) => parse(text))))
  expect(together(files).getQueryType()?.name).toBe('Query')
  const faulty = 'extend type Query { "Twice." twice(of: Int, of: Int): Int @nowhere }'
  expect(() => together([...files, faulty])).toThrow(
    /Unknown directive[\s\S]*"of" can only be defined once|can only be defined once[\s\S]*Unknown directive/,
  )
})

describe('every element of the schema', () => {
  const elements = elementsOf(executableSchema())

  test('is described', () => {
    expect(elements.filter(({ description }) => !description).map(placeOf)).toEqual([])
  })

  test('is described otherwise than its siblings', () => {
    const seen = new Map<string, Element>()
    const alike = elements.flatMap((element) => {
      const key = [...element.parents, element.description].join('\n')
      const sibling = seen.get(key)
      seen.set(key, element)
      return sibling && element.description ? [[placeOf(sibling), placeOf(element)]] : []
    })
    expect(alike).toEqual([])
  })

  test('is told more about than its name says', () => {
    expect(elements.filter(onlyRepeatsItsName).map(placeOf)).toEqual([])
  })

  test.each([
    ['Session', 'startsAt', 'The start of the session.', true],
    ['Session', 'startsAt', 'When it begins, in UTC.', false],
    ['SessionState', 'DRAFT', 'A draft state.', true],
    ['Room', 'capacity', "The room's capacity", true],
    ['Room', 'capacity', 'How many people fit in.', false],
  ])('%s.%s could be described as "%s": an empty phrase? %s', (type, name, description, expected) => {
    expect(onlyRepeatsItsName({ parents: [type], name, description })).toBe(expected)
  })
})

describe('the schema that is served', () => {
  const served = printed(executableSchema())

  test('is the committed schema.graphql; after a change: npm run schema', async () => {
    await expect(served).toMatchFileSnapshot('../../src/graphql/schema.graphql')
  })

  test('holds every SDL file, all of which codegen reads', () => {
    expect(served).toBe(printed(schemaOf(sdlOfAllFolders())))
  })

  test('breaks nothing of the contract that clients are written against', () => {
    const changedDefaults = findDangerousChanges(schemaOf(contract), executableSchema()).filter(
      ({ type }) => type === DangerousChangeType.ARG_DEFAULT_VALUE_CHANGE,
    )
    expect([...findBreakingChanges(schemaOf(contract), executableSchema()), ...changedDefaults]).toEqual([])
  })
})

/** A type, field, argument, input field or enum value. */
interface Element {
  /** The names of what it is part of, from the type down; empty for a type. */
  readonly parents: readonly string[]
  readonly name: string
  readonly description?: string | null | undefined
}

function elementsOf(schema: GraphQLSchema): Element[] {
  return Object.values(schema.getTypeMap())
    .filter((type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type))
    .flatMap((type) => [{ parents: [], name: type.name, description: type.description }, ...partsOf(type)])
}

function partsOf(type: GraphQLNamedType): Element[] {
  const parents = [type.name]
  if (isEnumType(type))
    return type.getValues().map(({ name, description }) => ({ parents, name, description }))
  if (isInputObjectType(type)) {
    return Object.values(type.getFields()).map(({ name, description }) => ({ parents, name, description }))
  }
  if (!isObjectType(type) && !isInterfaceType(type)) return []
  return Object.values(type.getFields()).flatMap((field) => [
    { parents, name: field.name, description: field.description },
    ...field.args.map(({ name, description }) => ({ parents: [type.name, field.name], name, description })),
  ])
}

function placeOf({ parents, name }: Element): string {
  return [...parents, name].join('.')
}

function onlyRepeatsItsName({ parents, name, description }: Element): boolean {
  const said = new Set([...parents, name].flatMap(wordsOf))
  return wordsOf(description ?? '').every((word) => said.has(word))
}

/** 'The startsAt of SESSIONS' -> ['start', 'session']: what is left without the words that say nothing. */
function wordsOf(text: string): string[] {
  const words =
    text
      .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
      .toLowerCase()
      .match(/[a-z0-9]+/g) ?? []
  return words.filter((word) => !emptyWords.has(word)).map((word) => word.replace(/(?<=..)s$/, ''))
}

const emptyWords = new Set(
  'a an and any are as at be by for from has have in is it its of on or s that the their this to was which with'.split(
    ' ',
  ),
)

function printed(schema: GraphQLSchema): string {
  return `${printSchema(lexicographicSortSchema(schema))}\n`
}

function sdlOfAllFolders(): string {
  const source = path.join(projectFolder, 'src')
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.graphql') && file !== path.join('graphql', 'schema.graphql'))
    .map((file) => readFileSync(path.join(source, file), 'utf8'))
    .join('\n')
}
