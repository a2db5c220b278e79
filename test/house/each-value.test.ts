import { readFileSync } from 'node:fs'
import path from 'node:path'
import { isObjectType } from 'graphql'
import { expect, test } from 'vitest'
import { projectFolder } from '../../src/config.ts'
import { dataModel } from '../../src/generated/data-model.ts'
import { executableSchema } from '../../src/graphql/schema.ts'
import { keptFields } from '../../src/http/caching/kept-fields.ts'

// Whoever adds a column or a field meets these tests, because nothing else would tell: the statements name their columns.

const sourceOf = (file: string) => readFileSync(path.join(projectFolder, 'src/features', file), 'utf8')

function columnsOf(model: string): string[] {
  const fields = Object.values(dataModel.models[model]!.fields)
  return fields.flatMap((field) => ('column' in field ? [field.column] : []))
}

test('each value of a row comes along when its event is copied, or is named here', () => {
  const source = sourceOf('event/event.copied-parts.ts')
  const left = ['Track', 'Room', 'SessionType', 'Break', 'Speaker', 'Session'].map((model) => {
    const list = new RegExp(`INSERT INTO ${dataModel.models[model]!.table} \\(([^)]*)\\)`).exec(source)
    const written = new Set(list![1]!.split(',').map((column) => column.trim()))
    return [model, columnsOf(model).filter((column) => !written.has(column) && !ofTheRow.has(column))]
  })
  expect(Object.fromEntries(left)).toEqual({
    ...{ Track: [], Room: [], SessionType: [], Break: [] },
    // When somebody can be there, and who they are, is of then.
    Speaker: ['available_from', 'available_until', 'user_id', 'erased_at'],
    // What was recorded, sign-up, locks and submission are of then; a trigger writes the list of speakers.
    Session: [
      ...['video_url', 'audio_url', 'signup_url', 'is_locked', 'is_speaker_list_locked', 'submitted_at'],
      'speaker_ids',
    ],
  })
})

/** What every row has of its own, and what a file called it. */
const ofTheRow = new Set(['created_at', 'last_modified_at', 'deleted_at', 'version', 'source_id'])

test('each value of a speaker is erased with the person, or is named here', () => {
  const set = /UPDATE speakers SET ([^`]*?)\n\s*WHERE/.exec(sourceOf('history/history.erasure.ts'))![1]!
  const written = new Set([...set.matchAll(/(\w+) =/g)].map(([, column]) => column))
  expect(columnsOf('Speaker').filter((column) => !written.has(column))).toEqual([
    ...['id', 'event_id', 'source_id', 'text_format', 'created_at', 'last_modified_at', 'version'],
  ])
})

test('each field of the programme lets its answers be kept, or is named here', () => {
  const schema = executableSchema()
  const differing = [...keptFields].flatMap(([name, kept]) => {
    const type = schema.getType(name)
    const fields = isObjectType(type) ? Object.keys(type.getFields()) : []
    const unkept = fields.filter((field) => !kept.has(field)).toSorted()
    const gone = [...kept].filter((field) => !fields.includes(field))
    return name === 'Query' || unkept.length + gone.length === 0 ? [] : [[name, { unkept, gone }]]
  })
  const unkept = (...fields: string[]) => ({ unkept: ['history', ...fields].toSorted(), gone: [] })
  expect(Object.fromEntries(differing)).toEqual({
    Event: unkept(
      ...[
        'currentSessions',
        'deletedParts',
        'invitations',
        'members',
        'tokens',
        'viewerPermissions',
        'webhooks',
      ],
    ),
    Session: unkept('favoriteCount', 'isFavorite'),
    Room: unkept('currentSession', 'nextSession'),
    ...{ Track: unkept(), SessionType: unkept(), Speaker: unkept(), Break: unkept() },
  })
})
