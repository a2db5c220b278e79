import { defineCommand } from 'citty'
import { migrationsFolder } from '../../config.ts'
import { type Adopted, adoptDrift } from '../../schema-evolution/drift/adopt.ts'
import { type DriftOptions, type Look, lookForDrift } from '../../schema-evolution/drift/drift.ts'
import { takeBackDrift, type TakenBack } from '../../schema-evolution/drift/take-back.ts'
import { isUnsaved, type Unsaved } from '../../schema-evolution/drift/unsaved.ts'
import { exitCodes, explain } from '../explain.ts'
import { onDatabase } from '../on-database.ts'
import { onlyKnownOptions } from './known-options.ts'

const args = {
  adopt: {
    type: 'string',
    valueHint: 'NAME',
    description:
      'keep the change: write the migration NAME that makes it, record it as applied here, and bring schema.prisma along',
  },
  'take-back': {
    type: 'boolean',
    description: 'make the schema what the migrations make; refused if a row or a value would be lost',
  },
  'dry-run': { type: 'boolean', description: 'try everything, change nothing, print the statements' },
} as const

export const drift = defineCommand({
  meta: {
    name: 'drift',
    description:
      'Tells what somebody changed in the schema by hand, and keeps it as a migration or takes it back. No row is lost ' +
      'either way. Without an option it only looks, and exits with 1 if something was changed.',
  },
  args,
  async run({ args: given, rawArgs }) {
    await explain(async () => {
      onlyKnownOptions(args, rawArgs)
      const dryRun = rawArgs.includes('--dry-run')
      const takeBack = rawArgs.includes('--take-back')
      const name = given.adopt === undefined ? null : nameOf(given.adopt)
      if (name !== null && takeBack) throw new RangeError('Name one of --adopt and --take-back.')
      await onDatabase(async (place) => {
        const options: DriftOptions = { ...place, folder: migrationsFolder, dryRun }
        if (name !== null) return print(describeAdopted(await adoptDrift(options, name), dryRun))
        if (takeBack) return print(describeTakenBack(await takeBackDrift(options), dryRun))
        const look = await lookForDrift({ ...options, dryRun: true })
        if (look.difference !== null || look.isCatalogStale === true || isUnsaved(look.unsaved)) {
          process.exitCode = exitCodes.failed
        }
        print(describeLook(look))
      })
    })
  },
})

/** @throws RangeError if it can't be the name of a folder */
function nameOf(given: string): string {
  const name = given.trim().replaceAll(/[^\w]+/g, '_')
  if (!/^[A-Za-z]\w{0,199}$/.test(name))
    throw new RangeError('--adopt needs a name of letters, digits and underscores, such as ramp_note.')
  return name
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

const nothing = 'Nothing was changed by hand: the schema is what the applied migrations make.'

function describeLook({ difference, isCatalogStale, unsaved }: Look): string {
  if (isUnsaved(unsaved)) return describeUnsaved(unsaved, difference)
  if (difference === null) {
    return isCatalogStale === true
      ? `${nothing}\nBut prisma/migrations/catalog isn't: a migration was written without it.\nDo: npm run catalog`
      : nothing
  }
  return [
    `The schema isn't what the applied migrations make (${difference}).`,
    'Keep it:      npm run migrations -- drift --adopt NAME',
    'Take it back: npm run migrations -- drift --take-back',
    'See first what either would do: add --dry-run',
  ].join('\n')
}

/** Of files that nobody else has as they were applied, the ones that are here count. */
function describeUnsaved(unsaved: Unsaved, difference: string | null): string {
  const { edited, gone, moved, commits } = unsaved
  return [
    ...(moved.size === 0 ? [] : [describeMoved(moved)]),
    ...(edited.length === 0 ? [] : [`Edited here since this database applied it: ${edited.join(', ')}.`]),
    ...(gone.length === 0 ? [] : [`Applied in this database, and not here: ${gone.join(', ')}.`]),
    ...(edited.length + gone.length === 0
      ? []
      : [
          'No branch of a remote has what was applied. If somebody else wrote it: git fetch --all, and run this again.',
        ]),
    ...[...commits].map(
      ([name, commit]) => `Bring back what was applied: git checkout ${commit} -- prisma/migrations/${name}`,
    ),
    ...(difference === null
      ? [
          'The schema is what the files make.',
          'Let the records say so, too: npm run migrations -- drift --take-back',
        ]
      : [
          `The schema isn't what the files make (${difference}).`,
          'Make it what they make:             npm run migrations -- drift --take-back',
          'Keep what it has, in a migration:   npm run migrations -- drift --adopt NAME',
          'See first what either would do: add --dry-run',
        ]),
  ].join('\n')
}

function describeMoved(moved: Unsaved['moved']): string {
  const names = [...moved].map(([former, name]) => `${former} (here: ${name})`)
  return (
    `Applied in this database under a former name: ${names.join(', ')}.\n` +
    'Give it the names of today, and what it lacks: npm run migrations -- rebase'
  )
}

function describeTakenBack({ statements, settled, unfinished }: TakenBack, dryRun: boolean): string {
  if (statements.length === 0 && !isUnsaved(settled) && unfinished.length === 0) return nothing
  const told = statements.map((statement) => `${statement};`).join('\n')
  const taken =
    statements.length === 0
      ? []
      : [`${told}\n`, `${dryRun ? 'Would be taken' : 'Taken'} back, without a row lost.`]
  if (unfinished.length > 0) {
    taken.push(
      `${unfinished.join(', ')} ${dryRun ? 'would count' : 'counts'} as never begun. Rows that it wrote stay so.`,
      ...(dryRun ? [] : ['Do: npm run migrations -- deploy']),
    )
  }
  const names = [...settled.edited, ...settled.gone, ...settled.moved.keys()]
  if (names.length === 0) return taken.join('\n')
  const says = dryRun ? 'would say' : 'say'
  return [
    ...taken,
    `The records of this database ${says} of ${names.join(', ')} what the files say. Rows that they changed stay so.`,
    ...(dryRun ? [] : ['Do: npx prisma migrate dev']),
  ].join('\n')
}

function describeAdopted({ migrations, written, schema }: Adopted, dryRun: boolean): string {
  if (migrations.length === 0) return nothing
  const [wrote, recorded] = dryRun ? ['Would write', 'Would record'] : ['Wrote', 'Recorded']
  return [
    ...(written === null
      ? [`These make it already: ${migrations.join(', ')}.`]
      : [`${wrote} prisma/migrations/${written.name}/migration.sql:\n\n${written.sql}`]),
    `${recorded} as applied in this database, and in prisma/migrations/lineage and catalog.`,
    ...(schema.text === null
      ? []
      : [`${wrote} prisma/schema.prisma. Fields may be renamed: leave @map("the column").`]),
    ...(schema.lacking === null
      ? []
      : [
          `prisma/schema.prisma has to say it too, or the next migration undoes it:\n${schema.lacking}`,
          'Do: npx prisma db pull --print, and take those lines over',
        ]),
    ...(dryRun ? [] : ['Do: npm run migrations -- check, then git add prisma and commit.']),
  ].join('\n')
}
