import { defineCommand } from 'citty'
import { migrationsFolder } from '../../config.ts'
import { undo } from '../../schema-evolution/undo/undo.ts'
import { confirmed } from '../confirm.ts'
import { explain } from '../explain.ts'
import { onDatabase } from '../on-database.ts'

const args = {
  name: { type: 'positional', required: false, description: 'the migration: the newest one that is applied' },
  yes: { type: 'boolean', description: 'do it without asking, also where rows are lost' },
} as const

export const undoCommand = defineCommand({
  meta: {
    name: 'undo',
    description:
      'Takes the newest applied migration back by the down.sql beside its migration.sql, in one transaction, and only ' +
      'where that makes exactly the schema that was there before. Asks before rows are lost.',
  },
  args,
  async run({ args: given, rawArgs }) {
    await explain(async () => {
      const name = onlyName(rawArgs)
      const confirm = (losses: readonly string[]) => {
        say(`Taking back ${name} costs rows:\n${losses.map((loss) => `  ${loss}`).join('\n')}`)
        return confirmed(given.yes === true)
      }
      const isDone = await onDatabase(({ url, shadowDatabaseUrl }) =>
        undo({ url, migrationsFolder, name }, { tell: say, shadowDatabaseUrl, confirm }),
      )
      if (isDone) say(`Taken back: ${name}. A server of this build doesn't serve before it is applied again.`)
    })
  },
})

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** @throws RangeError for anything else than one name and --yes */
function onlyName(rawArgs: readonly string[]): string {
  const option = rawArgs.find((arg) => arg.startsWith('-') && arg !== '--yes')
  if (option !== undefined) throw new RangeError(`There is no option ${option}; --help lists them.`)
  const [name, ...more] = rawArgs.filter((arg) => arg !== '--yes')
  if (name === undefined || more.length > 0)
    throw new RangeError('Name one migration: npm run migrations -- undo NAME')
  return name
}
