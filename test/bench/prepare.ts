import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { projectFolder } from '../../src/config.ts'
import { contestantsFolder } from './processes.ts'

const run = promisify(execFile)

/** Our own server is measured as it is installed, which compiles nothing at its start. */
export async function buildOurs(): Promise<void> {
  await run(process.execPath, ['--import', 'tsx', 'src/cli/build.ts'], { cwd: projectFolder })
}

/**
 * Installs what the contestants consist of, unless it is there, and generates their Prisma client from this project's
 * schema.
 *
 * @returns the Node that all of them are run by; PostGraphile 5 wants 22 or newer
 */
export async function prepareContestants(say: (line: string) => void): Promise<string> {
  await buildOurs()
  const options = { cwd: contestantsFolder, maxBuffer: 64 * 1_048_576 }
  const node = path.join(contestantsFolder, 'node_modules', '.bin', 'node')
  if (!existsSync(node)) {
    say('installing the contestants (some minutes, once) ...')
    await run('npm', ['ci', '--no-audit', '--no-fund'], options)
  }
  const source = path.join(projectFolder, 'prisma', 'schema.prisma')
  const copy = path.join(contestantsFolder, 'generated', 'schema.prisma')
  if (!existsSync(copy) || (await stat(source)).mtimeMs > (await stat(copy)).mtimeMs) {
    await mkdir(path.dirname(copy), { recursive: true })
    const schema = await readFile(source, 'utf8')
    await writeFile(copy, schema.replace(/^generator [\s\S]*?^}\n/gm, '') + generators)
    // It generates without an engine, but looks for one first, on the network.
    const env = { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath }
    await run('npm', ['run', '-s', 'generate'], { ...options, env })
  }
  return node
}

const generators = `
generator client {
  provider               = "prisma-client"
  output                 = "./prisma"
  moduleFormat           = "esm"
  importFileExtension    = "ts"
  generatedFileExtension = "ts"
  previewFeatures        = ["relationJoins"]
}

generator pothos {
  provider     = "prisma-pothos-types"
  clientOutput = "./prisma/client.ts"
  output       = "./pothos-types.ts"
}
`
