import { describe, expect, test } from 'vitest'
import { createWorld, type World } from '../world.ts'
import { createProgramme, createSession, type Programme } from './programme.ts'

const noun = [
  ['rooms', 'room', ({ rooms }: Programme) => ({ roomId: rooms[0] })],
  ['tracks', 'track', ({ tracks }: Programme) => ({ trackId: tracks[0] })],
  ['sessionTypes', 'session type', ({ types }: Programme) => ({ sessionTypeId: types[0] })],
  ['speakers { nodes', 'speaker', ({ speakers }: Programme) => ({ speakerIds: [speakers[0]] })],
] as const

describe.each(noun)('the sessions of %s (a %s each)', (list, _what, place) => {
  const closing = list.includes('{') ? ' }' : ''
  const first = (answer: { data: { event: Record<string, unknown> } }) => {
    const found = answer.data.event[list.split(' ')[0]!] as { nodes?: unknown[] } & unknown[]
    // oxlint-disable-next-line typescript/no-explicit-any -- what a test asks for, it knows the shape of
    return (found.nodes ?? found)[0] as Record<string, any>
  }
  const ask = (world: World, selection: string) =>
    world.organize(`{ event(slug: "spring") { ${list} { ${selection} }${closing} } }`)

  async function scene() {
    const world = await createWorld()
    const programme = await createProgramme(world)
    for (const hour of ['10', '11', '12']) {
      const startsAt = `2027-03-27T${hour}:00:00Z`
      await createSession(world, programme, { ...place(programme), title: `at ${hour}`, startsAt })
    }
    await createSession(world, programme, { title: 'elsewhere' })
    return world
  }

  test('are a page with a total, and cursors lead from page to page, in one statement', async () => {
    const world = await scene()
    const page = (after: string) =>
      `sessions(first: 2${after}) { totalCount nodes { title } pageInfo { hasNextPage endCursor } }`
    const answer = await ask(world, page(''))
    const { sessions } = first(answer)
    expect(answer.statements).toBe(2)
    expect(sessions).toMatchObject({ totalCount: 3, nodes: [{ title: 'at 10' }, { title: 'at 11' }] })
    expect(sessions.pageInfo.hasNextPage).toBe(true)
    const next = first(await ask(world, page(`, after: "${sessions.pageInfo.endCursor}"`)))
    expect(next.sessions.nodes).toEqual([{ title: 'at 12' }])
    expect(next.sessions.pageInfo.hasNextPage).toBe(false)
  })

  test('are filtered and ordered as the client says, two lists at once in a statement each', async () => {
    const world = await scene()
    const { late, all, ...rest } = first(
      await ask(
        world,
        `all: sessions(first: 5, orderBy: { field: TITLE, direction: DESC }) { nodes { title } }
         late: sessions(first: 5, filter: { startsAt: { gte: "2027-03-27T12:00:00Z" } }) { totalCount nodes { title } }`,
      ),
    )
    expect(all.nodes).toEqual([{ title: 'at 12' }, { title: 'at 11' }, { title: 'at 10' }])
    expect(late).toEqual({ totalCount: 1, nodes: [{ title: 'at 12' }] })
    expect(rest).toEqual({})
  })
})
