#!/usr/bin/env node
// Starts what is built in dist: the server, or `node src/run.mjs COMMAND ...` for the commands below. JavaScript, because
// Node reads it as it is. A developer's sources are built first if dist is of others; an installation without development
// tools, and NODE_ENV=production, never compile anything.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { Script } from 'node:vm'
import { crc32 } from 'node:zlib'

const commands = ['token', 'admin', 'import', 'history', 'migrations', 'webhook']
const project = fileURLToPath(new URL('..', import.meta.url))
const dist = path.join(project, 'dist')
const codeCache = path.join(dist, 'main.cache')

const [name = ''] = process.argv.slice(2)
const program = commands.includes(name) ? name : 'main'
if (program === name) process.argv.splice(2, 1)
if (bringUpToDate()) await run(program)

async function run(program) {
  // Prisma compiles queries in WebAssembly. V8 optimizes it after little use, which takes 55 MB for functions that rarely
  // run again; after more, it optimizes what is really hot. With a third of this it began while the demo event was loaded.
  setFlagsFromString('--wasm-tiering-budget=100000000')
  // Large answers leave much garbage: V8 collects it once the heap has grown by half, not to four times its size.
  setFlagsFromString('--heap-growing-percent=50')
  // The room for what is new has to grow from 1 MB to 16: at once rather than by four steps, for each of which V8 looks
  // through it many times while the program is loaded.
  setFlagsFromString('--semi-space-growth-factor=16')
  // pg finds out where it runs, and makes a `Response` for it where there is no navigator: Node 20 would load all of fetch,
  // 10 MB.
  globalThis.navigator ??= { userAgent: `Node.js/${process.versions.node.split('.')[0]}` }
  if (program === 'main') runServer(path.join(dist, 'main.cjs'))
  else await import(pathToFileURL(path.join(dist, `${program}.js`)).href)
}

/**
 * V8 takes a quarter of the start to compile the server's code. What it made is kept beside the code, if that can be written,
 * for the next start by the same V8.
 */
function runServer(file) {
  const require = createRequire(file)
  // Node reads source maps only for what it loads itself.
  if (process.sourceMapsEnabled) return require(file)
  const code = readFileSync(file, 'latin1')
  const digest = code.slice(-65, -1)
  const script = new Script(code, { filename: file, cachedData: keptCode(digest) })
  const module = { exports: {} }
  script.runInThisContext()(module.exports, require, module, file, dist)
  // By then V8 has compiled what a start takes, too.
  if (script.cachedDataRejected !== false) setTimeout(() => keepCode(digest, script), 3_000).unref()
}

/** @returns undefined if there is none of this code, or it isn't whole */
function keptCode(digest) {
  try {
    const kept = readFileSync(codeCache)
    const data = kept.subarray(68)
    return kept.toString('latin1', 0, 64) === digest && kept.readUInt32LE(64) === crc32(data)
      ? data
      : undefined
  } catch {
    return undefined
  }
}

function keepCode(digest, script) {
  const data = script.createCachedData()
  const head = Buffer.alloc(68, digest, 'latin1')
  head.writeUInt32LE(crc32(data), 64)
  try {
    writeFileSync(`${codeCache}.${process.pid}`, Buffer.concat([head, data]))
    renameSync(`${codeCache}.${process.pid}`, codeCache)
  } catch {
    // An installation may be read-only: then each start compiles.
  }
}

/** @returns whether dist can be run; what is in the way was told on standard error, and the exit code set */
function bringUpToDate() {
  const stands = stateOfDist()
  if (stands === 'current') return true
  if (process.env.NODE_ENV !== 'production' && hasTools()) {
    const build = ['--import', 'tsx', path.join(project, 'src/cli/build.ts')]
    const { status } = spawnSync(process.execPath, build, { cwd: project, stdio: ['ignore', 2, 2] })
    process.exitCode = status ?? 1
    return status === 0
  }
  const fault =
    stands === 'absent'
      ? 'There is nothing built here (dist).'
      : 'dist was built of other sources than these.'
  process.stderr.write(
    `${fault} Build it where the development tools are installed: npm ci && npm run build\n`,
  )
  process.exitCode = 1
  return false
}

/** An installation has no sources to compare with; `git checkout` changes times and not contents. */
function stateOfDist() {
  const file = path.join(dist, 'built-of.json')
  if (!existsSync(file)) return 'absent'
  if (!existsSync(path.join(project, 'src/main.ts'))) return 'current'
  const inputs = Object.entries(JSON.parse(readFileSync(file, 'utf8')))
  return inputs.every(([name, as]) => isAs(path.join(project, name), as)) ? 'current' : 'outdated'
}

function isAs(file, { size, modified, digest }) {
  const found = statSync(file, { throwIfNoEntry: false })
  if (found?.size !== size) return false
  return (
    found.mtimeMs === modified || createHash('sha256').update(readFileSync(file)).digest('hex') === digest
  )
}

function hasTools() {
  const { resolve } = createRequire(import.meta.url)
  try {
    return Boolean(resolve('tsx') && resolve('esbuild'))
  } catch {
    return false
  }
}
