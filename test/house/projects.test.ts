import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { projectFolder } from '../../src/config.ts'

/** What another process is started by; whoever imports it, or imports a file that does, belongs to `processes`. */
const starters = ['node:child_process', 'child_process', 'playwright-core']

/** How a file of the project `processes` is called. */
const isOfProcesses = (file: string) => file.endsWith('.process.test.ts')

const tests = readdirSync(path.join(projectFolder, 'test'), { recursive: true, encoding: 'utf8' })
  // The contestants of the benchmark are a package of their own.
  .filter((file) => !file.includes('node_modules'))
  .map((file) => `test/${file.split(path.sep).join('/')}`)
  .filter((file) => file.endsWith('.test.ts'))

test('a test that can start a process is called NAME.process.test.ts, so that `npm run check` leaves it to `npm test`', () => {
  const wrong = tests.filter((file) => !isOfProcesses(file)).map((file) => wayToStarter(file))
  expect(
    wrong.filter((way) => way !== null).map((way) => way.join(' imports ')),
    'Rename each to NAME.process.test.ts, or leave in it what works inside one process and move the rest to a file of that name',
  ).toEqual([])
})

test('a test that starts no process is not called NAME.process.test.ts, so that `npm run check` runs it', () => {
  expect(
    tests.filter((file) => isOfProcesses(file) && wayToStarter(file) === null),
    'Rename each to NAME.test.ts: nothing that it imports starts a process',
  ).toEqual([])
})

/** The files from one in test/ to what starts a process, which is the last; null if none of them leads there. */
function wayToStarter(file: string, seen = new Set<string>()): string[] | null {
  if (seen.has(file)) return null
  seen.add(file)
  const imports = importsOf(file)
  const starter = imports.find((name) => starters.includes(name))
  if (starter !== undefined) return [file, starter]
  for (const name of imports.filter((each) => each.startsWith('test/'))) {
    const rest = wayToStarter(name, seen)
    if (rest !== null) return [file, ...rest]
  }
  return null
}

/** Packages by their names, files as `test/...`; what a type alone is imported of isn't there when it runs. */
function importsOf(file: string): string[] {
  const source = readFileSync(path.join(projectFolder, file), 'utf8')
  const statement =
    /^(?:import|export)\s(?!type\s)[^'";]*?\sfrom\s'([^']+)'|^import\s'([^']+)'|\bimport\('([^']+)'\)/gm
  return [...source.matchAll(statement)].flatMap(([, from, bare, dynamic]) => {
    const name = (from ?? bare ?? dynamic)!
    if (!name.startsWith('.')) return [name]
    const target = path.posix.join(path.posix.dirname(file), name)
    return target.startsWith('test/') && existsSync(path.join(projectFolder, target)) ? [target] : []
  })
}
