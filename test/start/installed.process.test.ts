import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { projectFolder } from '../../src/config.ts'
import { residentMemory } from '../processor-time.ts'
import { emptyDatabase } from '../clones.ts'
import { ready, run } from './started.ts'

const programme = {
  schedule: {
    conference: {
      acronym: 'installed',
      title: 'Installed',
      start: '2027-03-27',
      end: '2027-03-27',
      time_zone_name: 'Europe/Berlin',
      days: [
        {
          date: '2027-03-27',
          day_start: '2027-03-27T09:00:00+01:00',
          day_end: '2027-03-27T18:00:00+01:00',
          rooms: { Hall: [{ id: 1, title: 'A talk', date: '2027-03-27T10:00:00+01:00', duration: '01:00' }] },
        },
      ],
    },
  },
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly dev?: boolean; readonly devOptional?: boolean }>>
}

/** `npm pack`, installed elsewhere without development tools: nothing is there but what the package and npm bring. */
function install(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'open-event-installed-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  execFileSync('npm', ['run', 'build'], { cwd: projectFolder, stdio: 'ignore' })
  const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder]
  const archive = execFileSync('npm', pack, { cwd: projectFolder, encoding: 'utf8' }).trim()
  execFileSync('tar', ['xzf', archive], { cwd: folder })
  const installed = path.join(folder, 'node_modules/open-event-graphql')
  mkdirSync(path.dirname(installed))
  cpSync(path.join(folder, 'package'), installed, { recursive: true })
  // What `npm ci --omit=dev` takes, out of the tests' own packages: no network.
  const lock = JSON.parse(readFileSync(path.join(projectFolder, 'package-lock.json'), 'utf8')) as Lock
  for (const [name, { dev, devOptional }] of Object.entries(lock.packages)) {
    if (name === '' || dev === true || devOptional === true) continue
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    symlinkSync(path.join(projectFolder, name), path.join(folder, name))
  }
  return folder
}

test('installed without development tools it migrates, serves and imports, compiling nothing', async () => {
  const folder = install()
  const program = path.join(folder, 'node_modules/open-event-graphql/src/run.mjs')
  const production = { NODE_ENV: 'production', LOG_LEVEL: 'warn' }
  const start = (args: string[], env: NodeJS.ProcessEnv = {}) =>
    run(process.execPath, [program, ...args], { ...production, ...env }, folder)
  const ask = async (url: string, query: string, token?: string) => {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ query }),
    })
    return (await response.json()) as { data: unknown; errors?: unknown }
  }
  const said = async (...args: string[]) => {
    const command = start(args, { DATABASE_URL })
    return { code: await command.exit, out: command.out(), err: command.err() }
  }

  // The embedded database, which keeps its data beside node_modules and not in it.
  const embedded = start([])
  expect(await ask(await ready(embedded), '{ events { nodes { slug } } }')).toMatchObject({
    data: { events: { nodes: [{ slug: 'demo-conference' }] } },
  })
  // 168 in November 2026, and 198 when migrations were read by PostgreSQL's own parser.
  expect(process.platform === 'linux' ? residentMemory(embedded.process.pid!, 'VmRSS') : 0).toBeLessThan(190)
  embedded.process.kill('SIGTERM')
  expect(await embedded.exit).toBe(0)
  expect(readFileSync(path.join(folder, '.data/organizer-token'), 'utf8')).toMatch(/^oe_/)

  // A database of one's own, and each of the commands.
  const DATABASE_URL = await emptyDatabase()
  expect(await said('migrations', 'deploy')).toMatchObject({ code: 0 })
  const token = await said('token', '--role', 'organizer')
  expect(token).toMatchObject({ code: 0, out: expect.stringMatching(/^oe_[\w-]{43}\n$/) as string })
  const file = path.join(folder, 'programme.json')
  writeFileSync(file, JSON.stringify(programme))
  expect(await said('import', file)).toMatchObject({ code: 0 })
  expect(await said('admin', 'ada')).toMatchObject({ code: 0 })
  expect(await said('history', 'prune', '--before', '2020-01-01', '--yes')).toMatchObject({ code: 0 })
  expect(await said('migrations', 'doctor', '--json')).toMatchObject({ code: 0, err: '' })
  const server = start([], { DATABASE_URL })
  const url = await ready(server)
  // 155 in November 2026, a little more or less by machine; 226 when Prisma's query compiler was optimized at its start.
  expect(process.platform === 'linux' ? residentMemory(server.process.pid!, 'VmRSS') : 0).toBeLessThan(190)
  const create = `mutation { createEvent(input: { slug: "a", name: "a", timeZone: "UTC", startsAt: "2027-01-01T00:00:00Z", endsAt: "2027-01-02T00:00:00Z" }) { event { slug } } }`
  expect(await ask(url, create, token.out.trim())).toMatchObject({
    data: { createEvent: { event: { slug: 'a' } } },
  })
  const page = await fetch(`${url}/graphql`, { headers: { accept: 'text/html' } })
  expect(await page.text()).toContain('/graphql/assets/')
  server.process.kill('SIGTERM')
  expect(await server.exit).toBe(0)
})
