import { describe, expect, test } from 'vitest'
import { eraseSpeaker } from '../../src/features/history/history.erasure.ts'
import { createProgramme, createSession } from './programme.ts'
import { createTeam, type Member } from './team.ts'

const update = `mutation ($id: ID!, $patch: SpeakerPatch!) { updateSpeaker(id: $id, patch: $patch) { speaker {
  version name biography availability { startsAtLocal endsAtLocal } } } }`
const remove = `mutation ($id: ID!) { deleteSpeaker(id: $id) { speaker { id } } }`
const restore = `mutation ($id: ID!) { restoreSpeaker(id: $id) { speaker { id } } }`
const saturday = { startsAtLocal: '2027-03-27T09:00', endsAtLocal: '2027-03-27T18:00' }

async function scene() {
  const { world, programme, as } = await createTeam()
  const [ada, bo] = programme.speakers as [string, string]
  await createSession(world, programme, { title: 'Talk', speakerIds: [ada, bo] })
  for (const id of [ada, bo]) {
    const { errors } = await world.organize(update, { id, patch: { availability: [saturday] } })
    expect(errors).toBeUndefined()
  }
  return { world, programme, as, ada, bo }
}

describe("a speaker's availability", () => {
  test('is for the team and the person, in every place where speakers are shown', async () => {
    const { world, as } = await scene()
    const query = `{ event(slug: "spring") {
      speakers { nodes { name availability { startsAt endsAtLocal } } }
      sessions { nodes { speakers { availability { startsAt } } } } } }`
    const shown = async (member: Member) => {
      const { data, errors, statements } = await as[member](query)
      expect(errors).toBeUndefined()
      const own = data.event.speakers.nodes.map(
        (speaker: { availability: unknown }) => speaker.availability !== null,
      )
      const inSession = data.event.sessions.nodes[0].speakers.map(
        (speaker: { availability: unknown }) => speaker.availability !== null,
      )
      expect(inSession).toEqual(own)
      return { own, statements }
    }
    for (const member of ['OWNER', 'CO_ORGANIZER', 'TRACK_ORGANIZER', 'MODERATOR', 'REVIEWER'] as const)
      expect((await shown(member)).own).toEqual([true, true])
    expect((await shown('SPEAKER')).own).toEqual([true, false])
    expect(await shown('VISITOR')).toEqual({ own: [false, false], statements: 2 })
    const anonymous = await world.ask(query)
    expect(JSON.stringify(anonymous)).not.toContain('2027-03-27T08')
    expect(anonymous.data.event.speakers.nodes).toEqual([
      { name: 'Ada', availability: null },
      { name: 'Bo', availability: null },
    ])
    expect(anonymous.statements).toBe(1)
  })

  test('is refused with the place of every fault', async () => {
    const { as, ada } = await scene()
    const { errors } = await as.SPEAKER(update, {
      id: ada,
      patch: { name: '\u0000', availability: [saturday, { startsAtLocal: '2027-03-27T09:00' }] },
    })
    expect(errors?.[0]?.extensions.issues).toEqual([
      { path: ['patch', 'name'], message: expect.stringContaining('U+0000') },
      {
        path: ['patch', 'availability', 1, 'endsAt'],
        message: 'is missing; send it, or endsAtLocal.',
      },
    ])
    const overlapping = await as.SPEAKER(update, { id: ada, patch: { availability: [saturday, saturday] } })
    expect(overlapping.errors?.[0]?.extensions.issues).toEqual([
      { path: ['patch', 'availability', 1], message: expect.stringContaining('overlaps') },
    ])
  })

  test('is erased with the person, from the history too', async () => {
    const { world, ada } = await scene()
    await world.organize(update, { id: ada, patch: { availability: [] } })
    await eraseSpeaker(world.operator, ada)
    const rows = await world.sql(
      `SELECT before::text || after::text AS text FROM revisions WHERE entity_id = $1
       UNION ALL SELECT s::text FROM speakers s WHERE id = $1`,
      [ada],
    )
    expect(rows).toHaveLength(6)
    expect(JSON.stringify(rows)).not.toContain('2027-03-27')
    for (const [mutation, patch] of [
      [update, { name: 'Ada' }],
      [restore, undefined],
      [remove, undefined],
    ] as const) {
      const { errors } = await world.organize(mutation, { id: ada, patch })
      expect(errors?.[0]?.extensions.code).toBe('NOT_FOUND')
    }
  })
})

describe('a person who speaks', () => {
  test('edits what is said of them, and of nobody else', async () => {
    const { as, ada, bo } = await scene()
    const own = await as.SPEAKER(update, {
      id: ada,
      patch: { biography: 'Wrote a programme.', availability: [] },
    })
    expect(own.errors).toBeUndefined()
    expect(own.data.updateSpeaker.speaker).toEqual({
      version: 4,
      name: 'Ada',
      biography: 'Wrote a programme.',
      availability: [],
    })
    const other = await as.SPEAKER(update, { id: bo, patch: { biography: 'x' } })
    expect(other.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    for (const mutation of [remove, restore])
      expect((await as.SPEAKER(mutation, { id: ada })).errors?.[0]?.extensions.code).toBe('FORBIDDEN')
  })

  test('is hidden from the public without a public session: no answer tells that there is one', async () => {
    const { world, programme, as } = await scene()
    const data = { name: 'Cy', eventId: programme.eventId }
    const { id: cy } = await world.operator.db.speaker.create({ data, select: { id: true } })
    await createSession(world, programme, { state: 'PENDING', speakerIds: [cy] })
    const missing = '0197a3b2-0000-7000-8000-000000000000'
    for (const member of ['VISITOR', 'SPEAKER'] as const) {
      for (const mutation of [update, remove, restore]) {
        const answers = await Promise.all(
          [cy, missing].map((id) => as[member](mutation, { id, patch: { biography: 'x' } })),
        )
        const [hidden, nobody] = answers.map(({ errors }) => JSON.stringify(errors))
        expect(hidden!.replaceAll(cy, missing)).toBe(nobody)
        expect(nobody).toContain('NOT_FOUND')
      }
    }
    expect(
      (await as.REVIEWER(update, { id: cy, patch: { biography: 'x' } })).errors?.[0]?.extensions.code,
    ).toBe('FORBIDDEN')
  })

  test('leaves the lists when deleted and is in the same sessions again when restored', async () => {
    const { world, ada } = await scene()
    const names = async () => {
      const { data } = await world.ask(`{ event(slug: "spring") {
        speakers { nodes { name } } sessions { nodes { version speakers { name } } } } }`)
      return data.event
    }
    const before = await names()
    await world.organize(remove, { id: ada })
    expect(await names()).toEqual({
      speakers: { nodes: [{ name: 'Bo' }] },
      sessions: { nodes: [{ version: 1, speakers: [{ name: 'Bo' }] }] },
    })
    await world.organize(restore, { id: ada })
    expect(await names()).toEqual(before)
  })

  test('of another event is another speaker', async () => {
    const { world, as } = await scene()
    const elsewhere = await createProgramme(world, 'autumn')
    await createSession(world, elsewhere, { speakerIds: elsewhere.speakers })
    for (const member of ['OWNER', 'SPEAKER'] as const) {
      const answer = await as[member](update, { id: elsewhere.speakers[0], patch: { biography: 'x' } })
      expect(answer.errors?.[0]?.extensions.code).toBe('FORBIDDEN')
    }
  })
})
