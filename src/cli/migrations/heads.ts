import { defineCommand } from 'citty'
import { migrationsFolder } from '../../config.ts'
import { readBase, readMigrationFolderAt } from '../../schema-evolution/files/git.ts'
import { readMigrationFolder } from '../../schema-evolution/files/migration-folder.ts'
import { drawTree, migrationTree } from '../../schema-evolution/files/migration-tree.ts'
import { exitCodes, explain } from '../explain.ts'
import { onlyKnownOptions } from './known-options.ts'

const args = {
  ref: {
    type: 'string',
    valueHint: 'BRANCH[,BRANCH]',
    description: "other branches to show too; without it the remote's main branch, where there is one",
  },
  json: { type: 'boolean', description: 'print { heads, migrations } as JSON' },
} as const

/** Exits with 1 where there is more than one head, so that scripts can ask. */
export const heads = defineCommand({
  meta: {
    name: 'heads',
    description:
      'Shows which migration follows which, here and on other branches, and which nothing follows.',
  },
  args,
  async run({ args: given, rawArgs }) {
    await explain(async () => {
      onlyKnownOptions(args, rawArgs)
      const tree = migrationTree([
        { place: 'here', folder: await readMigrationFolder(migrationsFolder) },
        ...placesOf(given.ref),
      ])
      if (tree.heads.length > 1) process.exitCode = exitCodes.failed
      console.log(given.json ? JSON.stringify(tree, null, 2) : drawTree(tree))
    })
  },
})

function placesOf(refs: string | undefined) {
  if (refs !== undefined) {
    return refs
      .split(',')
      .map((ref) => ({ place: ref, folder: readMigrationFolderAt(migrationsFolder, ref) }))
  }
  const base = readBase(migrationsFolder)
  return base === null ? [] : [{ place: base.ref, folder: base.tip }]
}
