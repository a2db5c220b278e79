import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createProgramme, createSession } from '../features/programme.ts'
import { createWorld } from '../world.ts'
import { hostileRequests } from './hostile-arguments.ts'

test('no field of Query and Mutation is taken by surprise by its arguments', async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  const session = await createSession(world, programme, { startsAt: '2027-03-27T10:00:00Z' })
  const { eventId, tracks, rooms, types, speakers } = programme
  const ids = [eventId, session, ...tracks, ...rooms, ...types, ...speakers]
  for (const { query, variables: hostile } of hostileRequests(ids)) {
    const property = fc.asyncProperty(hostile, async (variables) => {
      const { errors = [] } = await world.organize(query, variables)
      expect(errors.filter(({ extensions }) => !isExpected(extensions))).toEqual([])
    })
    await fc.assert(property, { numRuns: 25 })
  }
  expect(world.log.filter((line) => 'errorId' in line)).toEqual([])
}, 600_000)

function isExpected({ code, issues }: { code: string; issues?: unknown }): boolean {
  return code === 'BAD_USER_INPUT'
    ? issues !== undefined
    : ['NOT_FOUND', 'CONFLICT', 'FORBIDDEN'].includes(code)
}
