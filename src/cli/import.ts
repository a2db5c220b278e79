import { defineCommand, runMain } from 'citty'
import { importProgramme } from '../features/programme/import-programme.ts'
import { mainSource } from '../features/programme/imported-rows.ts'
import type { Preference } from '../features/programme/merge.ts'
import { readProgramme } from '../interchange/read/read-programme.ts'
import { refuseUnknown } from './arguments.ts'
import { explain } from './explain.ts'
import { progressLine } from './import-progress.ts'
import { importTable } from './import-table.ts'
import { asOperator } from './with-database.ts'

const args = {
  file: {
    type: 'positional',
    required: false,
    description: 'the file, or the folder of an unpacked Open Event export',
  },
  event: {
    type: 'string',
    valueHint: 'SLUG',
    description: 'the event to import into; made where it is missing',
  },
  'time-zone': {
    type: 'string',
    valueHint: 'ZONE',
    description: "the event's IANA zone; wins over the file's",
  },
  source: {
    type: 'string',
    valueHint: 'NAME',
    description:
      "which of the event's sources the file is of; an edition removes only its source's own (main)",
  },
  prefer: {
    type: 'string',
    valueHint: 'ours|theirs',
    description: 'what counts where both the source and people here changed a value (ours)',
  },
  json: { type: 'boolean', description: 'print the report as JSON' },
  'dry-run': { type: 'boolean', description: 'do everything, say what would be, write nothing' },
  'allow-removals': {
    type: 'boolean',
    description: 'let the file remove more than a fifth of the sessions that earlier ones brought',
  },
  'skip-invalid': { type: 'boolean', description: 'leave out what is faulty instead of refusing the whole' },
} as const

const command = defineCommand({
  meta: {
    name: 'npm run import --',
    description:
      "Imports a programme: Pentabarf or frab XML, schedule.json, iCalendar, Sessionize's JSON, or an Open Event export.",
  },
  args,
  async run({ args: given, rawArgs }) {
    await explain(async () => {
      refuseUnknown(args, rawArgs)
      const path = onlyPath(given)
      const progress = progressLine(process.stderr, { isDryRun: given['dry-run'] ?? false })
      try {
        const programme = await readProgramme(path, progress.reading)
        const report = await asOperator((operator) =>
          importProgramme(operator, programme, {
            slug: given.event ?? null,
            source: given.source ?? mainSource,
            prefer: preferenceOf(given.prefer ?? 'ours'),
            timeZone: given['time-zone'] ?? null,
            isDryRun: given['dry-run'] ?? false,
            skipInvalid: given['skip-invalid'] ?? false,
            allowRemovals: given['allow-removals'] ?? false,
            onProgress: progress.importing,
          }),
        )
        progress.end()
        process.stdout.write(given.json ? `${JSON.stringify(report, null, 2)}\n` : importTable(report))
      } finally {
        progress.end()
      }
    })
  },
})

/** @throws RangeError for any other number of files than one */
function onlyPath({ _: paths }: { readonly _: string[] }): string {
  const [path, ...more] = paths
  if (path === undefined || more.length > 0) {
    throw new RangeError('Name one file or folder: npm run import -- FILE_OR_FOLDER; --help tells more.')
  }
  return path
}

/** @throws RangeError for any other word */
function preferenceOf(word: string): Preference {
  if (word === 'ours' || word === 'theirs') return word
  throw new RangeError(`--prefer takes ours or theirs, not ${JSON.stringify(word)}.`)
}

await runMain(command)
