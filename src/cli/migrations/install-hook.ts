import { existsSync } from 'node:fs'
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { defineCommand } from 'citty'
import { migrationsFolder } from '../../config.ts'
import { hooksFolder } from '../../schema-evolution/files/git.ts'
import { explain } from '../explain.ts'
import { onlyKnownOptions } from './known-options.ts'

const args = {
  remove: { type: 'boolean', description: 'take it out again' },
} as const

/** git runs the second, and not the first, for a merge that it could do by itself. */
const hooks = ['pre-commit', 'pre-merge-commit']

const mark = '# From: npm run migrations -- install-hook'

/** Only what changes prisma/ is checked, which takes less than a second. `git commit --no-verify` passes by. */
const script = `#!/bin/sh
${mark}
git diff --cached --quiet -- prisma || exec npm run --silent migrations -- check
`

export const installHook = defineCommand({
  meta: {
    name: 'install-hook',
    description: 'Has git run "check" before each commit and merge that changes prisma/. Nobody has to.',
  },
  args,
  async run({ args: given, rawArgs }) {
    await explain(async () => {
      onlyKnownOptions(args, rawArgs)
      const folder = hooksFolder(migrationsFolder)
      if (folder === null) throw new RangeError('This is no git clone, so there are no hooks to install.')
      for (const hook of hooks) await write(path.join(folder, hook), given.remove ? '' : script)
    })
  },
})

/** @throws RangeError where somebody's own hook stands there */
async function write(file: string, text: string): Promise<void> {
  const isTheirs = existsSync(file) && !(await readFile(file, 'utf8')).includes(mark)
  if (isTheirs && text !== '') {
    throw new RangeError(
      `${file} is there already. Add to it: npm run --silent migrations -- check || exit 1`,
    )
  }
  if (isTheirs) return
  if (text === '') return rm(file, { force: true })
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(file, text)
  await chmod(file, 0o755)
  console.log(`Wrote ${file}`)
}
