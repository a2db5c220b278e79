import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { projectFolder } from '../../src/config.ts'

/** Everything that may stand at the top, each with the reason why it can't stand anywhere else. */
const allowed: Record<string, string> = {
  'package.json': 'npm looks for it here',
  'package-lock.json': 'npm looks for it beside package.json',
  'tsconfig.json': 'tsc and editors look for it here',
  'codegen.yml': 'graphql-codegen looks for it here',
  'prisma.config.ts': 'the prisma command looks for it here',
  'vitest.config.ts': 'vitest looks for it here',
  '.oxlintrc.json': 'oxlint looks for it here',
  '.prettierrc.json': 'prettier looks for it above the files that it formats',
  '.prettierignore': 'prettier looks for it here',
  '.gitignore': 'git applies it to what is below it',
  '.ci': 'the machine that runs the gate looks for .ci/run',
  LICENSE: 'people and hosts of git repositories look for it here',
  'README.md': 'the first thing that everybody reads',
  prisma: 'the schema and its migrations',
  src: 'the product',
  test: 'what holds it',
}

const hasGit = existsSync(path.join(projectFolder, '.git'))

test.skipIf(!hasGit)('the top level holds only what must stand there (skipped outside a git clone)', () => {
  const unexpected = entriesOfTopLevel().filter((name) => !(name in allowed))
  expect(unexpected).toEqual([])
})

/** What git knows, and what it would take with the next `git add`. */
function entriesOfTopLevel(): string[] {
  // The clone may belong to another user than the one who tests, which git refuses unless it is told.
  const list = ['-c', 'safe.directory=*', 'ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const files = execFileSync('git', list, { cwd: projectFolder, encoding: 'utf8' })
    .split('\0')
    .filter(Boolean)
  return [...new Set(files.map((file) => file.split('/')[0]!))]
}
