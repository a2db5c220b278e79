import { expect, test } from 'vitest'
import { createProgramme } from '../features/programme.ts'
import { somebodyWaits } from '../somebody-waits.ts'
import { createWorld } from '../world.ts'

/** Costs more than half of what a query may. */
const dear = `{ event(slug: "spring") { sessions(first: 200) { nodes {
  id title speakers { name biography } track { name } room { name } subtitle abstract description } } } }`

test('dear queries wait for each other, cheap ones pass them, and too many of one payer are told to come later', async () => {
  const world = await createWorld()
  await createProgramme(world)
  const first = await world.ask(dear)
  expect(first.extensions).toMatchObject({ cost: { points: expect.toSatisfy((points) => points > 25_000) } })
  await world.sql('BEGIN')
  await world.sql('LOCK TABLE sessions')
  // Each another one: those who ask for the same at one moment share an answer.
  const flood = Array.from({ length: 110 }, (_, n) => world.ask(dear.replace('id title', `n${n}: id title`)))
  await somebodyWaits(world)
  const cheap = await world.ask('{ event(slug: "spring") { name } }')
  expect(cheap.data).toEqual({ event: { name: 'Spring meeting' } })
  const organizers = world.organize(dear)
  await world.sql('ROLLBACK')
  expect((await organizers).errors).toBeUndefined()
  const refused = (await Promise.all(flood)).filter(({ errors }) => errors !== undefined)
  // One is under way, and a hundred of the dearest may wait.
  expect(refused).toHaveLength(9)
  expect(refused[0]).toMatchObject({
    status: 429,
    errors: [
      {
        message: 'Too many dear queries of yours wait. Try again in 5 seconds.',
        extensions: { code: 'RATE_LIMITED', retryAfter: 5 },
      },
    ],
  })
  expect(refused[0]!.headers.get('retry-after')).toBe('5')
})

test('a web app that asks for many schedule pages at once, for all of its visitors, gets them all', async () => {
  const world = await createWorld()
  await createProgramme(world)
  const page = `{ event(slug: "spring") { name sessions(first: 100) { nodes {
    id title startsAt endsAt track { name color } room { name } speakers { name organisation } } } } }`
  await world.sql('BEGIN')
  await world.sql('LOCK TABLE sessions')
  const asked = Array.from({ length: 200 }, (_, n) => world.ask(page.replace('id title', `n${n}: id title`)))
  await somebodyWaits(world)
  await world.sql('ROLLBACK')
  expect((await Promise.all(asked)).flatMap(({ errors = [] }) => errors)).toEqual([])
})
