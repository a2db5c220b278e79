import { expect, test } from 'vitest'
import { type DatabaseProxy, startDatabaseProxy } from '../database-proxy.ts'
import { createProgramme, createSession } from '../features/programme.ts'
import { somebodyWaits } from '../somebody-waits.ts'
import { createWorld } from '../world.ts'

test('while the database is paused the server says so, and is ready again as soon as it goes on', async () => {
  let proxy!: DatabaseProxy
  const world = await createWorld({ reach: async (url) => (proxy = await startDatabaseProxy(url)).url })
  const readiness = async () => {
    const response = await fetch(`${world.app.url}/readyz`, { signal: AbortSignal.timeout(5_000) })
    return [response.status, await response.json()]
  }
  expect((await readiness())[0]).toBe(200)
  proxy.pause()
  const away = { ready: false, database: 'unreachable', schema: null }
  expect(await Promise.all([readiness(), readiness(), readiness()])).toEqual([
    [503, away],
    [503, away],
    [503, away],
  ])
  expect((await fetch(`${world.app.url}/livez`)).status).toBe(200)
  proxy.resume()
  await expect.poll(async () => (await readiness())[0]).toBe(200)
})

test('readiness has a connection of its own, which no flood takes', async () => {
  const world = await createWorld()
  const id = await createSession(world, await createProgramme(world), {})
  await world.sql('BEGIN')
  await world.sql('SELECT FROM sessions FOR UPDATE')
  const flood = Array.from({ length: 30 }, () =>
    world.organize(`mutation { updateSession(id: "${id}", patch: { subtitle: "x" }) { session { id } } }`),
  )
  await somebodyWaits(world)
  const ready = await fetch(`${world.app.url}/readyz`)
  expect(await ready.json()).toMatchObject({ ready: true })
  await world.sql('ROLLBACK')
  await Promise.all(flood)
})
