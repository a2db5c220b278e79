import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { projectFolder } from '../config.ts'

/** What is made in src/generated, and of what; paths from the project's folder, a folder with all that is in it. */
interface Made {
  readonly command: string
  readonly inputs: readonly string[]
  /** Which of the files in `inputs` count; all of them if there is none. */
  readonly only?: RegExp
  readonly outputs: readonly string[]
}

const everything: readonly Made[] = [
  {
    command: 'prisma generate',
    inputs: ['prisma/schema.prisma', 'prisma.config.ts'],
    outputs: ['src/generated/prisma'],
  },
  {
    command: 'node --import tsx src/cli/generate/data-model.ts',
    inputs: ['prisma/schema.prisma', 'src/cli/generate'],
    outputs: ['src/generated/data-model.ts'],
  },
  {
    command: 'graphql-codegen',
    inputs: ['codegen.yml', 'src', 'test/clients'],
    only: /(codegen\.yml|\.graphql)$/,
    outputs: ['src/generated/graphql.ts', 'src/generated/client-operations.ts'],
  },
  {
    command: 'vite build --config src/http/graphiql/page/vite.config.ts',
    inputs: ['src/http/graphiql/page'],
    outputs: ['src/generated/graphiql'],
  },
]

/** Of each command the digest of what it read and made: contents, not times, which `git checkout` changes. */
const digestsFile = path.join(projectFolder, 'src/generated/digests.json')

/** `npm run generate`: makes anew what isn't there, was changed by hand, or was made of other inputs. */
const before = readDigests()
const after: Record<string, string> = {}
for (const made of everything) {
  if (before[made.command] !== digestOf(made)) make(made)
  after[made.command] = digestOf(made)
  mkdirSync(path.dirname(digestsFile), { recursive: true })
  writeFileSync(digestsFile, `${JSON.stringify({ ...before, ...after }, null, 2)}\n`)
}

function make({ command }: Made): void {
  const { status } = spawnSync(command, { cwd: projectFolder, shell: true, stdio: 'inherit' })
  if (status !== 0) {
    process.stderr.write(`"${command}" failed: src/generated isn't up to date.\n`)
    process.exit(status ?? 1)
  }
}

function digestOf({ inputs, only = /^/, outputs }: Made): string {
  const digest = createHash('sha256')
  // Another version of what makes it, or of what it is made with, may make something else.
  const read = ['package-lock.json', ...inputs]
    .flatMap(filesIn)
    .filter((file) => !file.startsWith('src/generated/'))
  const counted = read.filter((file) => file === 'package-lock.json' || only.test(file))
  for (const file of [...counted, ...outputs.flatMap(filesIn)]) {
    digest.update(`${file}\0`).update(
      createHash('sha256')
        .update(readFileSync(path.join(projectFolder, file)))
        .digest(),
    )
  }
  return digest.digest('hex')
}

/** In the same order everywhere; none if nothing of that name is there. */
function filesIn(place: string): string[] {
  const absolute = path.join(projectFolder, place)
  if (!existsSync(absolute)) return []
  if (statSync(absolute).isFile()) return [place]
  const entries = readdirSync(absolute, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(projectFolder, path.join(entry.parentPath, entry.name)))
    .map((file) => file.split(path.sep).join('/'))
    .sort()
}

function readDigests(): Record<string, string | undefined> {
  return existsSync(digestsFile)
    ? (JSON.parse(readFileSync(digestsFile, 'utf8')) as Record<string, string | undefined>)
    : {}
}
