/* oxlint-disable vitest/no-conditional-expect, vitest/expect-expect -- what is expected of a step depends on the step */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { mintToken, organizerOfEverything } from '../../src/access/tokens.ts'
import { createWorld, type World } from '../world.ts'
import { createProgramme, createSession, type Programme } from './programme.ts'

/** What the session should be, and every version that it had. */
interface Model {
  version: number
  isDeleted: boolean
  values: Values
  stamp: string
  readonly past: { version: number; values: Values; stamp: string; isDeleted: boolean }[]
}

interface Values {
  title: string
  abstract: string | null
  startsAt: string | null
  endsAt: string | null
  trackId: string | null
  speakerIds: string[]
}

/** A step that somebody takes. `expected` says how many versions behind the current one the client is; null: it doesn't say. */
type Step =
  | {
      readonly kind: 'update'
      readonly patch: Partial<Values>
      readonly expected: number | null
      readonly client: number
    }
  | { readonly kind: 'delete' | 'restore'; readonly expected: number | null; readonly client: number }
  | { readonly kind: 'revert'; readonly back: number; readonly client: number }
  | { readonly kind: 'race'; readonly titles: readonly [string, string] }
  | { readonly kind: 'psql title'; readonly title: string }
  | { readonly kind: 'psql stamps' | 'psql unlink' | 'psql nothing' }

interface Scene {
  readonly world: World
  readonly programme: Programme
  readonly tokens: readonly string[]
  readonly id: string
}

const title = fc.constantFrom('One', 'Two', 'Three')
const startsAt = fc.constantFrom('2027-03-27T10:00:00.000Z', '2027-03-28T00:30:00.000Z')
const expected = fc.constantFrom(null, 0, 0, 0, 1, 2)
const client = fc.constantFrom(0, 1)

function steps(programme: Programme): fc.Arbitrary<Step[]> {
  const patch: fc.Arbitrary<Partial<Values>> = fc.oneof(
    fc.record({ title, abstract: fc.option(fc.constantFrom('a', 'b')) }),
    fc.record({ title }),
    fc.record({ speakerIds: fc.shuffledSubarray([...programme.speakers]) }),
    fc.record({ trackId: fc.option(fc.constantFrom(...programme.tracks)) }),
    startsAt.map((start) => ({
      startsAt: start,
      endsAt: new Date(Date.parse(start) + 3_600_000).toISOString(),
    })),
    fc.constant({ startsAt: null, endsAt: null }),
    fc.constant({}),
  )
  const step: fc.Arbitrary<Step> = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('update' as const), patch, expected, client }) },
    fc.record({ kind: fc.constantFrom('delete' as const, 'restore' as const), expected, client }),
    fc.record({ kind: fc.constant('revert' as const), back: fc.nat(4), client }),
    fc.record({ kind: fc.constant('race' as const), titles: fc.tuple(title, title) }),
    fc.record({ kind: fc.constant('psql title' as const), title }),
    fc.record({
      kind: fc.constantFrom('psql stamps' as const, 'psql unlink' as const, 'psql nothing' as const),
    }),
  )
  return fc.array(step, { minLength: 8, maxLength: 14 })
}

test(
  'whatever several clients and psql do, version, stamp and history tell the same story',
  { timeout: 120_000 },
  async () => {
    const world = await createWorld()
    const programme = await createProgramme(world)
    const other = await mintToken(world.operator.db, { ...organizerOfEverything, label: 'other' })
    const tokens = [world.token, other.token]
    await fc.assert(
      fc.asyncProperty(steps(programme), async (taken) => {
        const id = await createSession(world, programme, { title: 'One', speakerIds: programme.speakers })
        const scene = { world, programme, tokens, id }
        const model: Model = {
          version: 1,
          isDeleted: false,
          values: {
            title: 'One',
            abstract: null,
            startsAt: null,
            endsAt: null,
            trackId: null,
            speakerIds: [...programme.speakers],
          },
          stamp: await stampOf(scene),
          past: [],
        }
        remember(model)
        for (const step of taken) {
          await take(step, scene, model)
          await agree(scene, model)
        }
        await agreeOnHistory(scene, model)
      }),
      { numRuns: 25 },
    )
  },
)

const fields =
  'version lastModifiedAt createdAt deletedAt title abstract startsAt endsAt track { id } speakers { id }'

async function ask({ world, tokens, id }: Scene, by: number, query: string, variables: object = {}) {
  return world.ask(query, { id, ...variables }, { authorization: `Bearer ${tokens[by]}` })
}

async function take(step: Step, scene: Scene, model: Model): Promise<void> {
  const { world, id } = scene
  switch (step.kind) {
    case 'update': {
      const wanted = step.expected === null ? null : model.version - step.expected
      const { errors } = await ask(
        scene,
        step.client,
        `mutation ($id: ID!, $patch: SessionPatch!, $wanted: Int) { updateSession(id: $id, patch: $patch, expectedVersion: $wanted) { session { id } } }`,
        { patch: step.patch, wanted },
      )
      expect(errors?.[0]?.extensions.code).toBe(
        wanted !== null && wanted !== model.version ? 'CONFLICT' : model.isDeleted ? 'NOT_FOUND' : undefined,
      )
      if (errors === undefined) change(model, step.patch)
      break
    }
    case 'delete':
    case 'restore': {
      const wanted = step.expected === null ? null : model.version - step.expected
      const { errors } = await ask(
        scene,
        step.client,
        `mutation ($id: ID!, $wanted: Int) { ${step.kind}Session(id: $id, expectedVersion: $wanted) { session { id } } }`,
        { wanted },
      )
      const isGone = step.kind === 'delete' && model.isDeleted
      const isStale = wanted !== null && wanted !== model.version
      expect(errors?.[0]?.extensions.code).toBe(isStale ? 'CONFLICT' : isGone ? 'NOT_FOUND' : undefined)
      if (errors === undefined && model.isDeleted !== (step.kind === 'delete')) {
        model.isDeleted = step.kind === 'delete'
        model.version += 1
      }
      break
    }
    case 'revert': {
      const to = Math.max(1, model.version - step.back)
      const { errors } = await ask(
        scene,
        step.client,
        'mutation ($id: ID!, $to: Int!) { revertSession(id: $id, toVersion: $to) { session { id } } }',
        { to },
      )
      expect(errors?.[0]?.extensions.code).toBe(model.isDeleted ? 'NOT_FOUND' : undefined)
      if (errors === undefined) change(model, model.past.find(({ version }) => version === to)!.values)
      break
    }
    case 'race': {
      const race = `mutation ($id: ID!, $wanted: Int!, $title: String!) { updateSession(id: $id, expectedVersion: $wanted, patch: { title: $title }) { session { version title } } }`
      const answers = await Promise.all(
        step.titles.map((wish, by) =>
          ask(scene, by, race, { wanted: model.version, title: `${wish} of ${by} at ${model.version}` }),
        ),
      )
      const winners = answers.filter(({ errors }) => errors === undefined)
      expect(winners).toHaveLength(model.isDeleted ? 0 : 1)
      if (winners[0] !== undefined) change(model, { title: winners[0].data.updateSession.session.title })
      break
    }
    case 'psql title':
      await world.sql('UPDATE sessions SET title = $2 WHERE id = $1', [id, step.title])
      change(model, { title: step.title })
      break
    case 'psql stamps':
      await world.sql(
        `UPDATE sessions SET last_modified_at = '2000-01-01Z', version = 99, created_at = now(), speaker_ids = '{}' WHERE id = $1`,
        [id],
      )
      break
    case 'psql unlink':
      await world.sql(
        'DELETE FROM session_speakers WHERE session_id = $1 AND speaker_id = (SELECT speaker_ids[1] FROM sessions WHERE id = $1)',
        [id],
      )
      change(model, { speakerIds: model.values.speakerIds.slice(1) })
      break
    case 'psql nothing':
      await world.sql('UPDATE sessions SET title = title, abstract = abstract WHERE id = $1', [id])
      break
  }
}

/** A change that changes nothing is none. */
function change(model: Model, patch: Partial<Values>): void {
  const values = { ...model.values, ...patch }
  if (JSON.stringify(values) === JSON.stringify(model.values)) return
  model.values = values
  model.version += 1
}

function remember(model: Model): void {
  const { version, values, stamp, isDeleted } = model
  model.past.push({ version, values, stamp, isDeleted })
}

async function stampOf(scene: Scene): Promise<string> {
  return (await ask(scene, 0, 'query ($id: ID!) { session(id: $id) { lastModifiedAt } }')).data.session
    .lastModifiedAt
}

/** What the API says now is what the model says; the stamp moves exactly with the version, and forwards. */
async function agree(scene: Scene, model: Model): Promise<void> {
  const { data } = await ask(scene, 0, `query ($id: ID!) { session(id: $id) { ${fields} } }`)
  expect(valuesOf(data.session)).toEqual(model.values)
  expect([data.session.version, data.session.deletedAt !== null]).toEqual([model.version, model.isDeleted])
  expect(data.session.createdAt).toBe(model.past[0]!.stamp)
  const { lastModifiedAt } = data.session
  expect(lastModifiedAt).toMatch(/\.\d{3}Z$/)
  if (model.version === model.past.at(-1)!.version) expect(lastModifiedAt).toBe(model.stamp)
  else {
    expect(Date.parse(lastModifiedAt)).toBeGreaterThan(Date.parse(model.stamp))
    model.stamp = lastModifiedAt
    remember(model)
  }
}

/** Every version is in the history once, and every state can be had back as of its stamp. */
async function agreeOnHistory(scene: Scene, model: Model): Promise<void> {
  const { data } = await ask(
    scene,
    0,
    'query ($id: ID!) { session(id: $id) { history(first: 200) { nodes { version recordedAt operation changes { field before after } } } } }',
  )
  const revisions = data.session.history.nodes.toReversed()
  expect(
    revisions.map((revision: { version: number; recordedAt: string }) => [
      revision.version,
      revision.recordedAt,
    ]),
  ).toEqual(model.past.map(({ version, stamp }) => [version, stamp]))
  const folded: Record<string, unknown> = {}
  for (const { changes } of revisions) {
    for (const { field, before, after } of changes) {
      expect(before).toEqual(folded[field] ?? null)
      expect(after).not.toEqual(before)
      folded[field] = after
    }
  }
  for (const [field, value] of Object.entries(model.values)) expect(folded[field] ?? null).toEqual(value)
  for (const { stamp, values, version, isDeleted } of model.past) {
    const past = await ask(
      scene,
      1,
      `query ($id: ID!, $asOf: DateTime!) { session(id: $id, asOf: $asOf) { ${fields} } }`,
      {
        asOf: stamp,
      },
    )
    expect(valuesOf(past.data.session)).toEqual(values)
    expect([past.data.session.version, past.data.session.deletedAt !== null]).toEqual([version, isDeleted])
  }
}

interface Answered {
  readonly title: string
  readonly abstract: string | null
  readonly startsAt: string | null
  readonly endsAt: string | null
  readonly track: { readonly id: string } | null
  readonly speakers: readonly { readonly id: string }[]
}

function valuesOf({ title: heading, abstract, startsAt: start, endsAt, track, speakers }: Answered): Values {
  return {
    title: heading,
    abstract,
    startsAt: start,
    endsAt,
    trackId: track?.id ?? null,
    speakerIds: speakers.map(({ id }) => id),
  }
}
