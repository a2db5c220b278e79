import { expect, test } from 'vitest'
import { readyQueries } from '../../src/http/graphiql/page/ready-queries.ts'
import { createProgramme } from '../features/programme.ts'
import { createWorld } from '../world.ts'

test('the ready query for what has changed finds every change, page by page, also of one instant', async () => {
  const world = await createWorld()
  const { eventId } = await createProgramme(world, 'demo-conference')
  await world.sql(
    `INSERT INTO sessions (id, event_id, title, state, last_modified_at)
     SELECT gen_random_uuid(), $1, n::text, 'confirmed', now() FROM generate_series(1, 450) n`,
    [eventId],
  )
  // An import stamps many rows with one instant.
  await world.sql('ALTER TABLE sessions DISABLE TRIGGER USER')
  const at = '2027-01-01T00:00:00Z'
  await world.sql('UPDATE sessions SET last_modified_at = $1', [at])
  const { query, variables } = readyQueries.find((ready) => ready.query.includes('ChangedSince'))!
  const found = new Set<string>()
  let after: string | null = null
  do {
    const { data, errors } = await world.ask(query, { ...JSON.parse(variables!), since: at, after })
    expect(errors).toBeUndefined()
    const { nodes, pageInfo } = data.event.sessions
    for (const { id } of nodes) found.add(id as string)
    after = pageInfo.hasNextPage ? pageInfo.endCursor : null
  } while (after !== null)
  expect(found.size).toBe(450)
})
