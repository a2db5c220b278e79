import { describe, expect, test } from 'vitest'
import { erasablePerson, eraseSpeaker } from '../../src/features/history/history.erasure.ts'
import { planPrune, prune } from '../../src/features/history/history.retention.ts'
import { createWorld, type World } from '../world.ts'
import { createProgramme, createSession } from './programme.ts'

const past = `query ($id: ID!, $asOf: DateTime!) { session(id: $id, asOf: $asOf) {
  version title abstract startsAt lastModifiedAt track { name } speakers { name } event { name } } }`

async function scene() {
  const world = await createWorld()
  const programme = await createProgramme(world)
  const id = await createSession(world, programme, { title: '1', speakerIds: programme.speakers })
  const change = (patch: object) =>
    world.organize(
      `mutation ($id: ID!, $patch: SessionPatch!) { updateSession(id: $id, patch: $patch) { session { lastModifiedAt } } }`,
      { id, patch },
    )
  const stamps: string[] = []
  for (const patch of [
    { title: '2', abstract: 'x' },
    { trackId: programme.tracks[0], startsAt: '2027-03-27T10:00:00Z' },
    { abstract: null },
    { title: '5', speakerIds: [] },
  ]) {
    stamps.push((await change(patch)).data.updateSession.session.lastModifiedAt)
  }
  await world.sql(`UPDATE tracks SET name = 'Renamed'`)
  return { world, programme, id, stamps, change }
}

const asOf = async (world: World, id: string, moment: string) =>
  (await world.organize(past, { id, asOf: moment })).data.session

describe('pruning', () => {
  test('keeps every state from the base on, and says where a history begins', async () => {
    const { world, id, stamps } = await scene()
    const before = new Date(Date.parse(stamps[2]!) + 1)
    const states = await Promise.all(stamps.slice(2).map((stamp) => asOf(world, id, stamp)))
    const counted = await planPrune(world.operator, { before, eventSlug: 'spring' })
    expect(counted.filter(({ entity }) => entity === 'session')).toMatchObject([{ revisions: 3, things: 1 }])
    expect(await prune(world.operator, { before, eventSlug: 'spring' })).toEqual(counted)

    expect(await Promise.all(stamps.slice(2).map((stamp) => asOf(world, id, stamp)))).toEqual(states)
    expect(await asOf(world, id, stamps[1]!)).toBeNull()
    const { data } = await world.organize(
      `{ session(id: "${id}") { history { totalCount nodes { version isBaseline changes { field before after } } } } }`,
    )
    expect(data.session.history).toEqual({
      totalCount: 2,
      nodes: [
        {
          version: 5,
          isBaseline: false,
          changes: [expect.anything(), { field: 'title', before: '2', after: '5' }],
        },
        {
          version: 4,
          isBaseline: true,
          changes: expect.arrayContaining([{ field: 'title', before: null, after: '2' }]),
        },
      ],
    })
    expect(await prune(world.operator, { before, eventSlug: null })).toEqual([])
    const unknown = prune(world.operator, { before, eventSlug: 'nowhere' })
    await expect(unknown).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  test('takes only what is old, of the event that is named', async () => {
    const { world } = await scene()
    const other = await createProgramme(world, 'other')
    await createSession(world, other, {})
    await world.sql(`UPDATE sessions SET abstract = 'y'`)
    const before = new Date()
    const ofOther = `SELECT * FROM revisions WHERE event_id = '${other.eventId}' ORDER BY entity, entity_id, version`
    const kept = await world.sql(ofOther)
    await prune(world.operator, { before, eventSlug: 'spring' })
    expect(await world.sql(ofOther)).toEqual(kept)
    await prune(world.operator, { before: new Date('2020-01-01'), eventSlug: null })
    expect(await world.sql(ofOther)).toEqual(kept)
    await prune(world.operator, { before, eventSlug: null })
    const more = await world.sql('SELECT FROM revisions GROUP BY entity, entity_id HAVING count(*) > 1')
    expect(more).toEqual([])
  })

  test('loses nothing that is written meanwhile, and what follows goes on from the base', async () => {
    const { world, id, change } = await scene()
    const writing = Array.from({ length: 20 }, (_, index) => change({ title: `T${index}` }))
    await Promise.all([...writing, prune(world.operator, { before: new Date(), eventSlug: null })])
    await change({ title: 'last' })
    const [row] = await world.sql('SELECT version FROM sessions')
    const versions = await world.sql<{ version: number }>(
      `SELECT version FROM revisions WHERE entity = 'session' ORDER BY version`,
    )
    const first = versions[0]!.version
    expect(versions.map(({ version }) => version)).toEqual(
      Array.from({ length: row!['version'] - first + 1 }, (_, index) => first + index),
    )
    expect(await asOf(world, id, '2100-01-01T00:00:00Z')).toMatchObject({
      title: 'last',
      version: row!['version'],
    })
  })

  test('takes the commits along that can no longer be told, but for where the programme and the public stand', async () => {
    const { world, id } = await scene()
    const places = () =>
      world.sql(
        `SELECT seq::integer, change IS NOT NULL AS "isTold", is_public FROM programme_commits ORDER BY seq`,
      )
    const stamp = async (ask: World['organize']) =>
      (await ask('{ event(slug: "spring") { programmeModifiedAt } }')).data.event.programmeModifiedAt
    await world.sql(`UPDATE sessions SET state = 'draft' WHERE id = $1`, [id])
    await world.sql(`UPDATE sessions SET title = 'draft' WHERE id = $1`, [id])
    await world.sql(`UPDATE sessions SET title = 'draft of today' WHERE id = $1`, [id])
    const before = (await places()).slice(-3)
    expect(before).toMatchObject([{ is_public: true }, { is_public: false }, { is_public: false }])
    const stamps = [await stamp(world.ask), await stamp(world.organize)]
    await prune(world.operator, { before: new Date(), eventSlug: 'spring' })
    expect(await places()).toEqual([
      { ...before[0], isTold: false },
      { ...before[1], isTold: false },
      before[2],
    ])
    expect([await stamp(world.ask), await stamp(world.organize)]).toEqual(stamps)
  })

  test('is the only way: by hand, the history can be neither deleted nor changed nor written', async () => {
    const { world } = await scene()
    for (const sql of [
      'DELETE FROM revisions',
      `UPDATE revisions SET actor = 'somebody'`,
      'TRUNCATE revisions',
      `INSERT INTO revisions SELECT entity, gen_random_uuid(), event_id, 1, now(), operation, actor, request_id, before, after, recorded_in FROM revisions`,
      'DELETE FROM programme_commits',
      'UPDATE programme_commits SET seq = seq + 1',
      'TRUNCATE programme_commits',
      'INSERT INTO programme_commits SELECT event_id, seq + 1000, token, NULL, now(), NULL, NULL, false FROM programme_commits',
    ]) {
      await expect(world.sql(sql)).rejects.toThrow('The history is written by its triggers only')
    }
  })
})

describe('erasing a speaker', () => {
  /** Every text of every table. */
  async function everything(world: World): Promise<string> {
    const tables = await world.sql<{ name: string }>(
      `SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public'`,
    )
    const texts = await Promise.all(
      tables.map(({ name }) => world.sql(`SELECT string_agg(t::text, '') AS text FROM ${name} t`)),
    )
    return texts.map(([row]) => String(row!['text'])).join('\n')
  }

  const person = {
    name: 'Grace Secret',
    biography: 'Born in Whereville',
    organisation: 'Navy',
    country: 'US',
  }

  async function personScene() {
    const world = await createWorld()
    const programme = await createProgramme(world)
    const { db } = world.operator
    const addresses = { photoUrl: 'https://secret.example/p', websiteUrl: 'https://secret.example/w' }
    const { id } = await db.speaker.create({
      data: { ...person, ...addresses, eventId: programme.eventId, sourceId: 'p17' },
    })
    const sessionId = await createSession(world, programme, { title: 'Talk', speakerIds: [id] })
    await world.sql(`UPDATE speakers SET name = 'Grace S. Secret' WHERE id = $1`, [id])
    await world.ask(
      `mutation { updateSession(id: "${sessionId}", patch: { abstract: "x" }) { session { speakers { name } } } }`,
      {},
      { authorization: `Bearer ${world.token}`, 'idempotency-key': 'k' },
    )
    await world.sql('INSERT INTO imported_rows (event_id, row_id, source, values) VALUES ($1, $2, $3, $4)', [
      ...[programme.eventId, id, 'main', JSON.stringify(person)],
    ])
    return { world, programme, id, sessionId }
  }

  test('leaves nothing of the person anywhere, and the fact of every change', async () => {
    const { world, id, sessionId } = await personScene()
    expect(await everything(world)).toContain('Secret')
    const facts = `SELECT version, operation, recorded_at, ARRAY(SELECT jsonb_object_keys(before) ORDER BY 1) AS fields
      FROM revisions WHERE entity = 'speaker' AND entity_id = '${id}' ORDER BY version`
    const [first, second] = await world.sql(facts)
    await eraseSpeaker(world.operator, id)

    const left = await everything(world)
    for (const word of ['Grace', 'Secret', 'Whereville', 'Navy', 'secret.example'])
      expect(left).not.toContain(word)
    expect(await world.sql(facts)).toEqual([
      first,
      second,
      {
        version: 3,
        operation: 'deleted',
        recorded_at: expect.any(Date),
        fields: expect.arrayContaining(['erased_at', 'name']),
      },
    ])
    const now = await world.organize(`{ session(id: "${sessionId}") { speakers { name } } }`)
    expect(now.data.session.speakers).toEqual([])
    const then = await world.organize(
      `{ session(id: "${sessionId}", asOf: "${first!['recorded_at'].toISOString()}") { title } }`,
    )
    expect(then.errors).toBeUndefined()
  })

  test('leaves a person without name or format in the past, and no error there', async () => {
    const { world, id, sessionId } = await personScene()
    await world.sql(`UPDATE speakers SET text_format = 'html' WHERE id = $1`, [id])
    const [{ moment } = {}] = await world.sql<{ moment: Date }>('SELECT clock_timestamp() AS moment')
    await eraseSpeaker(world.operator, id)
    const { data, errors } = await world.organize(
      `query ($moment: DateTime!) { session(id: "${sessionId}", asOf: $moment) { speakers { name textFormat } } }`,
      { moment },
    )
    expect(errors).toBeUndefined()
    expect(data.session.speakers).toEqual([{ name: '(erased)', textFormat: 'PLAIN' }])
  })

  test('is for good: raw SQL does not bring the person back', async () => {
    const { world, id } = await personScene()
    await eraseSpeaker(world.operator, id)
    const row = await world.sql('SELECT * FROM speakers WHERE id = $1', [id])
    await world.sql(`UPDATE speakers SET name = 'Grace', deleted_at = NULL WHERE id = $1`, [id])
    expect(await world.sql('SELECT * FROM speakers WHERE id = $1', [id])).toEqual(row)
    expect(await erasablePerson(world.operator, id)).toMatchObject({ isErased: true, namedIn: [] })
  })

  test('tells first which sessions have the name in their texts, now or once', async () => {
    const { world, programme, id } = await personScene()
    const named = await createSession(world, programme, { title: 'An evening with grace s. secret' })
    const once = await createSession(world, programme, { title: 'Other', abstract: 'by Grace S. Secret' })
    await world.sql(`UPDATE sessions SET abstract = NULL WHERE id = $1`, [once])
    const found = await erasablePerson(world.operator, id)
    expect(found).toMatchObject({
      name: 'Grace S. Secret',
      eventSlug: 'spring',
      revisions: 2,
      isErased: false,
    })
    expect(found.namedIn.map((session) => session.id).sort()).toEqual([named, once].sort())
    await expect(erasablePerson(world.operator, 'nobody')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})
