import { defineCommand, runMain } from 'citty'
import { explain } from './explain.ts'

// Loaded when they are asked for: most need files alone, and are to start quickly.
const subCommands = {
  check: () => import('./migrations/check.ts').then(({ check }) => check),
  deploy: () => import('./migrations/deploy.ts').then(({ deployCommand }) => deployCommand),
  heads: () => import('./migrations/heads.ts').then(({ heads }) => heads),
  lineage: () => import('./migrations/lineage.ts').then(({ lineage }) => lineage),
  merge: () => import('./migrations/merge.ts').then(({ merge }) => merge),
  rebase: () => import('./migrations/rebase.ts').then(({ rebase }) => rebase),
  'install-hook': () => import('./migrations/install-hook.ts').then(({ installHook }) => installHook),
  doctor: () => import('./migrations/doctor.ts').then(({ doctor }) => doctor),
  plan: () => import('./migrations/plan.ts').then(({ plan }) => plan),
  drift: () => import('./migrations/drift.ts').then(({ drift }) => drift),
  undo: () => import('./migrations/undo.ts').then(({ undoCommand }) => undoCommand),
}

await explain(async () => {
  const [name = '--help'] = process.argv.slice(2)
  // citty would end with 1, which scripts take for findings.
  if (!Object.hasOwn(subCommands, name) && !['--help', '-h'].includes(name)) {
    throw new RangeError(`There is no command "${name}": ${Object.keys(subCommands).join(', ')}.`)
  }
  await runMain(
    defineCommand({
      meta: {
        name: 'npm run migrations --',
        description: 'Looks after the migrations around "npx prisma migrate dev". Each command has --help.',
      },
      subCommands,
    }),
    // Without a command, the list of them.
    { rawArgs: name === '--help' ? ['--help'] : process.argv.slice(2) },
  )
})
