import { expect, test } from 'vitest'
import { quotas } from '../../src/access/quotas.ts'
import { createProgramme } from '../features/programme.ts'
import { startIssuer } from '../issuer.ts'
import { somebodyWaits } from '../somebody-waits.ts'
import { createWorld } from '../world.ts'

async function scene() {
  const issuer = await startIssuer()
  const now = new Date()
  const world = await createWorld({ oidc: issuer, clock: () => now })
  const authorization = `Bearer ${await issuer.sign({ sub: 'ada', name: 'Ada' })}`
  let events = 0
  const createEvent = (headers = { authorization }) => {
    events += 1
    return world.ask(
      `mutation { createEvent(input: { slug: "mine-${events}", name: "Mine", timeZone: "UTC",
        startsAt: "2027-01-01T00:00:00Z", endsAt: "2027-01-02T00:00:00Z" }) { event { id } } }`,
      {},
      headers,
    )
  }
  const mint = () =>
    world.ask('mutation { mintToken(input: { label: "x" }) { token { id } } }', {}, { authorization })
  return { world, createEvent, mint, authorization }
}

test('a person makes so many events a day; an operator as many as they like', async () => {
  const { world, createEvent } = await scene()
  for (let made = 0; made < quotas.eventsADay; made += 1) expect((await createEvent()).errors).toBeUndefined()
  const { errors } = await createEvent()
  expect(errors?.[0]).toMatchObject({
    message:
      'You have made 20 events within a day, which is as many as one person may. Try again in 3600 seconds.',
    extensions: { code: 'RATE_LIMITED', retryAfter: 3_600 },
  })
  expect((await createEvent({ authorization: `Bearer ${world.token}` })).errors).toBeUndefined()
})

test('two requests at once do not make more than one may', async () => {
  const { world, createEvent } = await scene()
  for (let made = 0; made < quotas.eventsADay - 1; made += 1) await createEvent()
  await world.sql('BEGIN')
  await world.sql('SELECT FROM users FOR NO KEY UPDATE')
  const asked = [createEvent(), createEvent(), createEvent()]
  await somebodyWaits(world, 2)
  await world.sql('ROLLBACK')
  const answers = await Promise.all(asked)
  expect(answers.filter(({ errors }) => errors === undefined)).toHaveLength(1)
  expect(await world.sql('SELECT count(*)::integer AS events FROM events')).toEqual([
    { events: quotas.eventsADay },
  ])
})

test('a person has so many living tokens', async () => {
  const { world, mint } = await scene()
  expect((await mint()).errors).toBeUndefined()
  await world.sql(
    `INSERT INTO access_tokens (id, hash, label, user_id, last_modified_at)
     SELECT gen_random_uuid(), sha256(n::text::bytea), 'x', (SELECT id FROM users), now() FROM generate_series(2, ${quotas.tokens}) n`,
  )
  expect((await mint()).errors?.[0]?.extensions.code).toBe('RATE_LIMITED')
  await world.sql(
    'UPDATE access_tokens SET revoked_at = now() WHERE label = $1 AND user_id IS NOT NULL AND id = (SELECT min(id::text)::uuid FROM access_tokens WHERE user_id IS NOT NULL)',
    ['x'],
  )
  expect((await mint()).errors).toBeUndefined()
})

test('a person has so many favorites; what is one already may be marked again', async () => {
  const { world, mint, authorization } = await scene()
  await mint()
  const programme = await createProgramme(world)
  await world.sql(
    `INSERT INTO sessions (id, event_id, title, state, last_modified_at)
     SELECT gen_random_uuid(), $1::uuid, 'Talk', 'confirmed', now() FROM generate_series(0, ${quotas.favorites})`,
    [programme.eventId],
  )
  const [first, ...others] = (await world.sql('SELECT id::text FROM sessions ORDER BY id')).map(
    ({ id }) => id,
  )
  await world.sql(
    `INSERT INTO favorites (user_id, session_id) SELECT u.id, s.id FROM users u, unnest($1::uuid[]) s (id)`,
    [others],
  )
  const mark = async (id: unknown) => {
    const { errors } = await world.ask(
      `mutation { setFavorite(sessionId: "${String(id)}", isFavorite: true) { session { id } } }`,
      {},
      { authorization },
    )
    return errors?.[0]?.extensions.code
  }
  expect([await mark(first), await mark(others[0])]).toEqual(['RATE_LIMITED', undefined])
})
