import { buildSchema as schemaOf, parse } from 'graphql'
import { describe, expect, test } from 'vitest'
import { projectFolder } from '../../src/config.ts'
import { executableSchema } from '../../src/graphql/schema.ts'
import { lastCommittedSchema } from './last-committed.ts'
import { allOperations } from './operations.ts'
import { schemaChanges, tell } from './schema-changes.ts'

describe('the schema that is served', () => {
  const last = lastCommittedSchema(projectFolder)
  const compared = 'why' in last ? `nothing: ${last.why}` : last.name

  test.skipIf('why' in last)(
    `takes from clients nothing that was not deprecated; compared with ${compared}`,
    async () => {
      if ('why' in last) return
      const changes = await schemaChanges(last.schema, executableSchema(), allOperations())
      const dangerous = changes.filter(({ isBreaking }) => !isBreaking)
      if (dangerous.length > 0) {
        process.stdout.write(
          `Clients could notice this, though it breaks nothing:\n${dangerous.map(tell).join('\n')}\n`,
        )
      }
      expect(
        changes
          .filter(({ isBreaking }) => isBreaking)
          .map(tell)
          .join('\n'),
      ).toBe('')
    },
  )
})

describe('a schema', () => {
  const before = `
    type Query { talk(id: ID!, old: String @deprecated): Talk, talks(filter: TalkFilter, in: State): [Talk!]! }
    type Talk { id: ID!, title: String!, state: State!, heading: String @deprecated, speaker: Speaker @deprecated, room: Room }
    type Speaker { name: String! }
    type Room { name: String! }
    input TalkFilter { text: String, words: String @deprecated, state: State }
    enum State { DRAFT, PUBLIC, SECRET @deprecated }
  `
  const operations = {
    'app List': parse('query List($filter: TalkFilter) { talks(filter: $filter) { title } }'),
    'app Talk': parse('query Talk { talk(id: "1") { id ...More } } fragment More on Talk { room { name } }'),
    'tool Drafts': parse('query Drafts { talks(in: DRAFT) { id } }'),
  }

  async function changes(...edits: [from: string, to: string][]) {
    const after = edits.reduce((sdl, [from, to]) => {
      expect(sdl).toContain(from)
      return sdl.replace(from, to)
    }, before)
    const found = await schemaChanges(schemaOf(before), schemaOf(after), operations)
    return found.map(({ element, isBreaking, usedBy }) => [element, isBreaking ? 'breaking' : 'told', usedBy])
  }

  test.each<[string, [string, string][], unknown[]]>([
    ['loses a field', [['title: String!, ', '']], [['Talk.title', 'breaking', ['app List']]]],
    [
      'loses a field that was deprecated',
      [['heading: String @deprecated, ', '']],
      [['Talk.heading', 'told', []]],
    ],
    ['loses an argument', [[', in: State', '']], [['Query.talks.in', 'breaking', ['tool Drafts']]]],
    [
      'loses an argument that was deprecated',
      [[', old: String @deprecated', '']],
      [['Query.talk.old', 'told', []]],
    ],
    ['loses an input field', [['text: String, ', '']], [['TalkFilter.text', 'breaking', ['app List']]]],
    [
      'loses an input field that was deprecated',
      [['words: String @deprecated, ', '']],
      [['TalkFilter.words', 'told', ['app List']]],
    ],
    ['loses an enum value', [['DRAFT, ', '']], [['State.DRAFT', 'breaking', ['app List', 'tool Drafts']]]],
    [
      'loses an enum value that was deprecated',
      [[', SECRET @deprecated', '']],
      [['State.SECRET', 'told', ['app List']]],
    ],
    [
      'loses a type with its field',
      [
        ['type Room { name: String! }', ''],
        [', room: Room', ''],
      ],
      [
        ['Room', 'breaking', ['app Talk']],
        ['Talk.room', 'breaking', ['app Talk']],
      ],
    ],
    [
      'loses a type that only a deprecated field gave',
      [
        ['type Speaker { name: String! }', ''],
        ['speaker: Speaker @deprecated, ', ''],
      ],
      [
        ['Speaker', 'told', []],
        ['Talk.speaker', 'told', []],
      ],
    ],
    [
      'makes a field nullable',
      [['title: String!', 'title: String']],
      [['Talk.title', 'breaking', ['app List']]],
    ],
    [
      'gives a deprecated field another type',
      [['heading: String @deprecated', 'heading: Int @deprecated']],
      [['Talk.heading', 'breaking', []]],
    ],
    [
      'wants a new argument',
      [['talks(filter', 'talks(page: Int!, filter']],
      [['Query.talks.page', 'breaking', ['app List', 'tool Drafts']]],
    ],
    [
      'wants a new input field',
      [['text: String, ', 'text: String, page: Int!, ']],
      [['TalkFilter.page', 'breaking', ['app List']]],
    ],
    [
      'wants what was optional',
      [['filter: TalkFilter', 'filter: TalkFilter!']],
      [['Query.talks.filter', 'breaking', ['app List']]],
    ],
    ['gets a new enum value', [['PUBLIC, ', 'PUBLIC, NEW, ']], [['State.NEW', 'told', ['app List']]]],
    [
      'gets an optional argument',
      [['talks(filter', 'talks(page: Int, filter']],
      [['Query.talks.page', 'told', ['app List', 'tool Drafts']]],
    ],
    ['gets a field', [['title: String!', 'title: String!, subtitle: String']], []],
    ['deprecates a field', [['title: String!', 'title: String! @deprecated']], []],
  ])('%s', async (_what, edits, expected) => {
    expect(await changes(...edits)).toEqual(expected)
  })
})

test('a change names the element, who uses it, and what to do', async () => {
  const [before, after] = ['type Query { a: Int, b: Int }', 'type Query { b: Int }'].map((sdl) =>
    schemaOf(sdl),
  )
  const operations = { 'app One': parse('query One { a }'), 'app Two': parse('query Two { b }') }
  const [change] = await schemaChanges(before!, after!, operations)
  expect(tell(change!)).toBe(
    `Query.a: Field 'a' was removed from object type 'Query'\n` +
      `  used by: app One\n` +
      `  to do: keep it, marked @deprecated(reason: "what to use instead"), until that is committed and clients had time; then remove it.`,
  )
})
