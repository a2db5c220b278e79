import { expect, test } from 'vitest'
import { createProgramme, createSession } from '../features/programme.ts'
import { createWorld } from '../world.ts'
import { runCommand } from './run-command.ts'

async function scene() {
  const world = await createWorld()
  const programme = await createProgramme(world)
  await createSession(world, programme, { title: 'Talk', speakerIds: [programme.speakers[0]] })
  await world.sql(`UPDATE sessions SET title = 'Talk with Ada'`)
  const run = (...args: string[]) =>
    runCommand('history', args, { DATABASE_URL: world.databaseUrl, LOG_LEVEL: 'silent' })
  return { world, programme, run }
}

test('prune says what it will do, does it only with --yes, and then has nothing to do', async () => {
  const { world, run } = await scene()
  const now = new Date().toISOString()
  const asked = await run('prune', '--before', now)
  expect(asked).toMatchObject({ code: 4, problems: 'Nothing was done. Add --yes to do it.\n' })
  expect(asked.out).toMatch(/ 1 revisions of 1 session, .*Z to .*Z\n/)
  expect(await world.sql(`SELECT FROM revisions WHERE entity = 'session'`)).toHaveLength(2)
  expect(await run('prune', '--before', now, '--yes')).toMatchObject({ code: 0, out: `${asked.out}Done.\n` })
  expect(await run('prune', '--before', now)).toMatchObject({
    code: 0,
    out: `Nothing to do: before ${now} no history has more than where it begins.\n`,
  })
})

test.each([
  [['prune'], 'Say how old what goes is: --before 2026-01-01'],
  [['prune', '--before', 'yesterday'], '--before: '],
  [['prune', '--before', '2199-01-01'], '--before: 2199-01-01T00:00:00.000Z is in the future.'],
  [['prune', '--befor', '2026-01-01'], 'There is no option --befor; --help lists them.'],
  [['erase-speaker'], 'Name one speaker by its id: npm run history -- erase-speaker ID'],
])('%j is wrong usage', async (args, message) => {
  const { run } = await scene()
  const { code, problems } = await run(...args)
  expect(code).toBe(2)
  expect(problems).toContain(message)
})

test('erase-speaker says whom and what it leaves to people, and erases with --yes', async () => {
  const { world, programme, run } = await scene()
  const [ada] = programme.speakers
  const asked = await run('erase-speaker', ada!)
  expect(asked.code).toBe(4)
  expect(asked.out).toContain(`To be erased for good: Ada (${ada}), a speaker of spring`)
  expect(asked.out).toMatch(/The name stands, now or in their history, in:\n {2}\S+ {2}Talk with Ada\n$/)
  expect((await run('erase-speaker', ada!, '--yes')).code).toBe(0)
  expect(await world.sql('SELECT name FROM speakers WHERE id = $1', [ada])).toEqual([{ name: '(erased)' }])
  expect((await run('erase-speaker', ada!)).out).toContain('Nothing to do')
  expect((await run('erase-speaker', programme.eventId)).problems).toContain('There is no speaker')
})
