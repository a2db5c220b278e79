import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

// A hostile zone: half an hour off, with clock changes. Nothing may depend on where the process stands. The workers begin
// in it, and src/time puts them into UTC, as it does with every process of ours.
process.env['TZ'] = 'America/St_Johns'

/**
 * Two projects. A test that starts a process (a command, a server, git, a browser, a PostgreSQL of its own) is called
 * NAME.process.test.ts and runs in `processes`; every other test runs inside vitest's own process against the real
 * database, in `product`. test/house/projects.test.ts holds that.
 */
const each = {
  // Vite would take graphql's ES modules for our sources while Node takes its CommonJS for everybody else's; graphql
  // refuses to run twice in one process.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
}

// Long enough for a machine that does much else; a test that hangs ends all the same.
const ofEach = { testTimeout: 120_000, hookTimeout: 120_000 }

/** Files that take long though they are short: they start first, so that nobody waits for them alone in the end. */
const longest = [
  'access/mutations-',
  'access/fields',
  'http/schema-out-of-date',
  'features/programme-real-data',
]

/** As vitest sorts them, the largest first, or those that took longest the last time; and the longest before all. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isLong = ({ moduleId }: TestSpecification) => longest.some((name) => moduleId.includes(name))
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

export default defineConfig({
  test: {
    globalSetup: ['test/cluster.ts'],
    sequence: { sequencer: LongestFirst },
    // Most of the time is spent waiting for PostgreSQL and for processes.
    maxWorkers: 4,
    // What each world makes is thrown away with it: V8 looks for what is left less often if it has room for more.
    execArgv: ['--max-semi-space-size=64'],
    projects: [
      {
        ...each,
        test: {
          ...ofEach,
          name: 'product',
          include: ['test/**/*.test.ts'],
          exclude: ['**/node_modules/**', 'test/**/*.process.test.ts'],
          // Files share what they import, which takes longer to load than most files to run.
          isolate: false,
        },
      },
      {
        ...each,
        test: {
          name: 'processes',
          globalSetup: ['test/build.ts'],
          include: ['test/**/*.process.test.ts'],
          // As above: most of them would load the whole program to begin with.
          isolate: false,
          // One test may start forty commands, and each of them loads the whole program.
          testTimeout: 600_000,
          hookTimeout: 600_000,
        },
      },
    ],
  },
})
