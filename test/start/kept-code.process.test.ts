import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { projectFolder } from '../../src/config.ts'
import { program } from '../program.ts'
import { cloneDatabase } from '../clones.ts'
import { ready, run } from './started.ts'

/** What is built, in a folder of its own, as an installation has it. */
function installed(): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'open-event-kept-code-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  for (const part of ['dist', 'prisma', 'package.json', program])
    cpSync(path.join(projectFolder, part), path.join(folder, part), { recursive: true })
  symlinkSync(path.join(projectFolder, 'node_modules'), path.join(folder, 'node_modules'))
  rmSync(path.join(folder, 'dist/main.cache'), { force: true })
  return folder
}

async function served(folder: string, url: string, meanwhile: () => Promise<void> = async () => {}) {
  const server = run(process.execPath, [program], { DATABASE_URL: url, LOG_LEVEL: 'warn' }, folder)
  const response = await fetch(`${await ready(server)}/readyz`)
  await meanwhile()
  server.process.kill('SIGTERM')
  return { status: response.status, exit: await server.exit, err: server.err() }
}

const well = { status: 200, exit: 0, err: '' }

test('the first start keeps what V8 made of the code, and a start with a damaged rest of it makes it anew', async () => {
  const folder = installed()
  const url = await cloneDatabase()
  const cache = path.join(folder, 'dist/main.cache')
  const isKept = () => vi.waitFor(() => expect(existsSync(cache)).toBe(true), { timeout: 30_000 })
  expect(await served(folder, url, isKept)).toEqual(well)

  const whole = readFileSync(cache)
  expect(await served(folder, url)).toEqual(well)
  const damaged = Buffer.from(whole)
  damaged.fill(0xff, whole.length / 2, whole.length / 2 + 4_096)
  for (const rest of [damaged, whole.subarray(0, 100_000), Buffer.from('nothing')]) {
    writeFileSync(cache, rest)
    const isMended = () =>
      vi.waitFor(() => expect(readFileSync(cache).equals(rest)).toBe(false), { timeout: 30_000 })
    expect(await served(folder, url, isMended)).toEqual(well)
  }
})
