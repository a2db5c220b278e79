import { readFileSync } from 'node:fs'
import path from 'node:path'
import pg from 'pg'
import { expect, test } from 'vitest'
import { projectFolder } from '../../src/config.ts'
import { kinds } from '../../src/features/node/node.compiled.ts'
import { partRows } from '../../src/features/programme/part-rows.ts'
import { tableOf } from '../../src/features/tables.ts'
import { dataModel } from '../../src/generated/data-model.ts'
import { RevisedEntity } from '../../src/generated/prisma/client.ts'
import { cloneDatabase } from '../clones.ts'
import { createWorld } from '../world.ts'

/** What has to know of a model that has a stamp. */
interface Known {
  /** Triggers stamp each change. */
  readonly stamp: true | string
  /** Triggers record each change; the programme as of an instant, and the feeds of changes, follow from the records. */
  readonly history: true | string
  /** The times that move if the event's zone changes and the clocks stay; of the others, why they don't. */
  readonly zone: readonly string[] | string
  /** Erasing a person reaches it. */
  readonly erasure: true | string
  /** Imports write it. */
  readonly import: true | string
}

const server = 'is of the server, not of a programme'
const nobody = 'says nothing of a person'
const untimed = 'has no times of its own'

/** Whoever adds a model adds a row, and says why if something needn't know it. */
const inventory: Readonly<Record<string, Known>> = {
  Event: {
    ...{ stamp: true, history: true, zone: ['startsAt', 'endsAt'], erasure: nobody },
    import: 'is made by people first; a file is imported into it',
  },
  Track: { stamp: true, history: true, zone: untimed, erasure: nobody, import: true },
  Room: { stamp: true, history: true, zone: ['openFrom', 'openUntil'], erasure: nobody, import: true },
  SessionType: { stamp: true, history: true, zone: untimed, erasure: nobody, import: true },
  Break: {
    ...{ stamp: true, history: true, zone: ['startsAt', 'endsAt'], erasure: nobody },
    import: 'no format has breaks; a session that is one is imported as a session',
  },
  Speaker: {
    ...{ stamp: true, history: true, zone: ['availableFrom', 'availableUntil'], erasure: true, import: true },
  },
  Session: {
    ...{ stamp: true, history: true, zone: ['startsAt', 'endsAt'], import: true },
    erasure: 'names of persons in its texts are listed for people to look at',
  },
  CanceledSession: {
    stamp: 'a trigger of the sessions writes it, with the stamp of the change that it is of',
    history: 'is read out of the history of the session',
    zone: 'is what the public saw then, which no later change moves',
    erasure: 'has the title and the place only, which erasing leaves to people',
    import: 'imports write sessions, and the trigger of the sessions writes this',
  },
  User: {
    ...{ stamp: true, history: server, zone: untimed, import: server },
    erasure: 'is who signs in; a speaker is erased, and no longer leads to one',
  },
  Membership: { stamp: true, history: server, zone: untimed, erasure: nobody, import: server },
  AccessToken: {
    ...{ stamp: true, history: server, erasure: nobody, import: server },
    zone: 'ends at an instant, wherever its event is',
  },
  Webhook: {
    ...{ stamp: true, history: server, erasure: 'what it was told of the person is erased', import: server },
    zone: 'has instants only, wherever its event is',
  },
}

const stamped = Object.entries(dataModel.models).filter(([, { fields }]) => 'lastModifiedAt' in fields)
const tableOfModel = (name: string) => dataModel.models[name]!.table
const knowing = (mechanism: keyof Known) =>
  Object.keys(inventory).filter((name) => typeof inventory[name]![mechanism] !== 'string')
const entityOf = (name: string) => name.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase()

function isInstant(model: string, field: string): boolean {
  const column = dataModel.models[model]!.fields[field]
  return column !== undefined && 'type' in column && column.type === 'DateTime'
}

test('every model with a stamp says what knows it, or why not', () => {
  expect(Object.keys(inventory).toSorted()).toEqual(stamped.map(([name]) => name).toSorted())
})

test('every model that is to be stamped and recorded is so by the database', async () => {
  const client = new pg.Client({ connectionString: await cloneDatabase() })
  await client.connect()
  const { rows } = await client.query<{ table: string; trigger: string }>(
    `SELECT tgrelid::regclass::text AS table, tgname AS trigger FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'`,
  )
  await client.end()
  const having = (trigger: string) =>
    rows.flatMap((row) => (row.trigger === trigger ? [row.table] : [])).toSorted()
  const tables = (names: string[]) => names.map(tableOfModel).toSorted()
  expect(having('stamp_row')).toEqual(tables(knowing('stamp')))
  expect(having('record_revision')).toEqual(tables(knowing('history')))
  // A row that became another's would break the order of what is committed.
  expect(having('refuse_other_identity')).toEqual(tables(knowing('history')))
})

test('what has a history is told by the feeds of changes, and found in its table by its name', () => {
  const entities = knowing('history').map(entityOf).toSorted()
  expect(Object.values(RevisedEntity).toSorted()).toEqual(entities)
  expect(
    Object.keys(kinds)
      .map((kind) => kind.toUpperCase())
      .toSorted(),
  ).toEqual(entities)
  for (const name of knowing('history')) {
    expect(tableOf(entityOf(name) as RevisedEntity).sql).toBe(tableOfModel(name))
  }
})

test('what is imported has rows that imports read and write', async () => {
  const { operator } = await createWorld()
  const tables = Object.keys(partRows(operator.db)).map((kind) =>
    kind.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  )
  expect([...tables, 'sessions'].toSorted()).toEqual(knowing('import').map(tableOfModel).toSorted())
})

test('what an erasure reaches is written by it', () => {
  const source = readFileSync(path.join(projectFolder, 'src/features/history/history.erasure.ts'), 'utf8')
  expect(
    stamped.filter(([, { table }]) => source.includes(`UPDATE ${table} `)).map(([name]) => name),
  ).toEqual(knowing('erasure'))
})

test('where the clocks stay and the zone changes, all times of the programme move, and no others', async () => {
  const { operator, organize } = await createWorld()
  const { db } = operator
  const [from, until] = [new Date('2027-05-01T10:00:00Z'), new Date('2027-05-01T11:00:00Z')]
  const times = { startsAt: from, endsAt: until }
  const { id } = await db.event.create({ data: { slug: 'e', name: 'E', timeZone: 'UTC', ...times } })
  const named = { eventId: id, name: 'X' }
  await db.track.create({ data: named })
  await db.sessionType.create({ data: named })
  await db.room.create({ data: { ...named, openFrom: [from], openUntil: [until] } })
  await db.break.create({ data: { ...named, ...times } })
  await db.speaker.create({ data: { ...named, availableFrom: [from], availableUntil: [until] } })
  await db.session.create({ data: { eventId: id, title: 'X', ...times } })
  const read = async () => {
    const ofEvent = { where: { eventId: id } }
    return {
      Event: await db.event.findFirstOrThrow(),
      Track: await db.track.findFirstOrThrow(ofEvent),
      Room: await db.room.findFirstOrThrow(ofEvent),
      SessionType: await db.sessionType.findFirstOrThrow(ofEvent),
      Break: await db.break.findFirstOrThrow(ofEvent),
      Speaker: await db.speaker.findFirstOrThrow(ofEvent),
      Session: await db.session.findFirstOrThrow(ofEvent),
    } as Record<string, Record<string, unknown>>
  }
  const before = await read()
  const change = `mutation ($id: ID!) { updateEvent(id: $id, patch: { timeZone: "Europe/Berlin" }, onZoneChange: WALL_CLOCKS) { event { id } } }`
  expect((await organize(change, { id })).errors).toBeUndefined()
  const after = await read()
  const moved = Object.entries(before).map(([name, values]) => [
    name,
    Object.keys(values).filter(
      (field) =>
        isInstant(name, field) &&
        field !== 'lastModifiedAt' &&
        JSON.stringify(values[field]) !== JSON.stringify(after[name]![field]),
    ),
  ])
  const expected = knowing('history').map((name) => {
    const { zone } = inventory[name]!
    return [name, typeof zone === 'string' ? [] : zone]
  })
  expect(Object.fromEntries(moved)).toEqual(Object.fromEntries(expected))
  // Times that nobody thought of: a new one is listed here, or moves.
  const others = knowing('history').flatMap((name) =>
    Object.keys(dataModel.models[name]!.fields).filter(
      (field) => isInstant(name, field) && !inventory[name]!.zone.includes(field),
    ),
  )
  expect([...new Set(others)].toSorted()).toEqual([
    ...['createdAt', 'deletedAt', 'erasedAt', 'lastModifiedAt', 'submittedAt'],
  ])
})
