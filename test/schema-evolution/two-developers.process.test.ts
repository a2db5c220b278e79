import { describe, expect, test } from 'vitest'
import { readyz } from '../readyz.ts'
import { cloneDatabase, emptyDatabase } from '../clones.ts'
import { type Developer, shareProject } from './developers.ts'
import { query } from '../connection.ts'

/** Two people who add a column each, on databases of their own that have rows, and a server. */
async function team() {
  const project = await shareProject()
  const ann = await project.join('ann', await cloneDatabase())
  const ben = await project.join('ben', await cloneDatabase())
  for (const { databaseUrl } of [ann, ben]) await query(databaseUrl, addRoom)
  return { project, ann, ben }
}

const addRoom = `
  WITH event AS (
    INSERT INTO events (id, slug, name, time_zone, starts_at, ends_at, last_modified_at)
    VALUES (gen_random_uuid(), 'a', 'A', 'UTC', '2027-01-01Z', '2027-01-02Z', now()) RETURNING id
  )
  INSERT INTO rooms (id, event_id, name, last_modified_at) SELECT gen_random_uuid(), id, 'Hall', now() FROM event`

/** Commits all that somebody did and shares it; it must work. */
async function share({ git }: Developer, message: string): Promise<void> {
  await git('add', '--all')
  await git('commit', '--quiet', '--message', message)
  expect(await git('push', '--quiet')).toEqual({ code: 0, said: '' })
}

async function ask(url: string, path: string) {
  const response = await fetch(`${url}${path}`)
  return { status: response.status, body: (await response.json()) as object }
}

const anEvent = `/graphql?query=${encodeURIComponent('{ events { nodes { name } } }')}`

describe('two developers who add a column each', { timeout: 600_000 }, () => {
  test('meet the two accidents that used to stop everything, and neither happens', async () => {
    const { project, ann, ben } = await team()
    const production = await emptyDatabase()
    const operator = await project.join('operator', production)
    expect((await operator.migrations('deploy')).code).toBe(0)
    await query(production, addRoom)
    const running = await operator.start().url()

    // Each types what everybody types.
    await ann.addField('Session', 'subtitle', 'motto String?')
    expect((await ann.migrateDev('--name', 'session_motto')).code).toBe(0)
    await ben.addField('Room', 'floor', 'hasRamp Boolean @default(false) @map("has_ramp")')
    expect((await ben.migrateDev('--name', 'room_ramp')).code).toBe(0)
    await share(ann, 'A motto')
    await ben.git('add', '--all')
    await ben.git('commit', '--quiet', '--message', 'A ramp')

    // The second accident: two heads. git itself says so, and one command puts one after the other.
    expect((await ben.git('pull', '--no-rebase')).said).toContain(
      'CONFLICT (content): Merge conflict in prisma/migrations/lineage',
    )
    const check = await ben.migrations('check')
    expect([check.code, check.said]).toEqual([1, expect.stringContaining('npm run migrations -- rebase')])
    const rebase = await ben.migrations('rebase')
    expect(rebase).toMatchObject({
      code: 0,
      said: expect.stringContaining('They commute: room_ramp (yours) and session_motto (origin/main)'),
    })
    expect(rebase.said).toContain('make what prisma/schema.prisma says')
    await share(ben, 'A ramp, after the motto')
    expect((await ben.migrations('check')).code).toBe(0)
    expect(await ben.newest(2)).toEqual(['session_motto', 'room_ramp'])
    // Ben's own database has the motto now, and its rows still.
    expect((await ben.migrateDev()).said).toContain('Already in sync')
    expect(await query(ben.databaseUrl, 'SELECT r.name, has_ramp FROM rooms r')).toEqual([
      { name: 'Hall', has_ramp: false },
    ])
    expect(await query(ben.databaseUrl, 'SELECT motto FROM sessions')).toEqual([])
    // Ann's follows with what she types anyway.
    await ann.git('pull', '--quiet')
    expect((await ann.migrateDev()).said).toContain('Applying migration `room_ramp`')

    // The first accident: the new release is started, and nobody migrated.
    await operator.git('pull', '--quiet')
    await operator.generate()
    const forgotten = await operator.start().end()
    expect(forgotten.code).toBe(11)
    expect(forgotten.said).toContain("These migrations aren't applied yet: session_motto, room_ramp.")
    expect(await ask(running, anEvent)).toMatchObject({
      status: 200,
      body: { data: { events: { nodes: [] } } },
    })

    expect((await operator.migrations('plan')).said).toContain('room_ramp')
    expect((await operator.migrations('deploy')).code).toBe(0)
    const released = await operator.start().url()
    expect(await readyz(released)).toMatchObject({
      status: 200,
      body: { schema: { state: 'in sync' } },
    })
    // What still runs of the release before goes on meanwhile.
    expect(await readyz(running)).toMatchObject({ status: 200, body: { schema: { state: 'ahead' } } })
    expect((await ask(running, anEvent)).body).not.toHaveProperty('errors')
  })

  test('of the same name end with one column, and both keep their rows', async () => {
    const { ann, ben } = await team()
    for (const developer of [ann, ben]) {
      await developer.addField('Room', 'floor', 'hasRamp Boolean @default(false) @map("has_ramp")')
      expect((await developer.migrateDev('--name', 'room_ramp')).code).toBe(0)
      await query(developer.databaseUrl, 'UPDATE rooms SET has_ramp = true')
    }
    await share(ann, 'A ramp')
    await ben.git('add', '--all')
    await ben.git('commit', '--quiet', '--message', 'A ramp too')
    expect((await ben.git('pull', '--no-rebase')).code).toBe(1)
    expect(await ben.migrations('rebase')).toMatchObject({
      code: 0,
      said: expect.stringContaining('room_ramp (yours) does the very same as room_ramp (origin/main)'),
    })
    await share(ben, 'One ramp is enough')
    expect(await ben.newest(1)).toEqual(['room_ramp'])
    for (const developer of [ann, ben]) {
      expect((await developer.migrateDev()).said).toContain('Already in sync')
      expect(await query(developer.databaseUrl, 'SELECT has_ramp FROM rooms')).toEqual([{ has_ramp: true }])
    }
  })
})
