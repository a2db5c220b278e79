import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { projectFolder } from '../../src/config.ts'
import { isRelease, lastRelease } from '../../src/schema-evolution/files/last-release.ts'
import { readPrismaSchema } from '../../src/schema-evolution/files/released-schema.ts'

let clone: string
let folder: string

beforeEach(async ({ onTestFinished }) => {
  clone = await mkdtemp(path.join(os.tmpdir(), 'last-release-'))
  onTestFinished(() => rm(clone, { recursive: true }))
  folder = path.join(clone, 'prisma', 'migrations')
  await mkdir(folder, { recursive: true })
})

test('is the newest version before the commit, with the schema and the migrations that it had', async () => {
  git('init', '--quiet')
  await commit('1_first', 'model A {\n  id Int @id\n}\n')
  git('tag', 'v1.9.0')
  await commit('2_second', 'model A {\n  id    Int @id\n  title String\n}\n')
  git('tag', 'v1.10.0')
  git('tag', 'v1.11.0-rc.1')
  git('tag', 'vague')
  await commit('3_third', 'model B {\n  id Int @id\n}\n')
  git('tag', 'v2.0.0')

  const release = lastRelease(folder)
  expect(isRelease(release) && { ...release, migrations: [...release.migrations].filter(Boolean) }).toEqual({
    name: 'v1.10.0',
    migrations: ['1_first', '2_second'],
    schema: {
      tables: new Map([
        [
          'A',
          new Map([
            ['id', { isRequired: true }],
            ['title', { isRequired: true }],
          ]),
        ],
      ]),
      enums: new Map(),
    },
  })
  expect(lastRelease(folder, 'HEAD')).toMatchObject({ name: 'HEAD' })
  expect(() => lastRelease(folder, 'v9')).toThrow(RangeError)
})

test('is none before the first tag, and without git', async () => {
  expect(lastRelease(folder)).toEqual({ why: expect.stringContaining('no git clone') })
  git('init', '--quiet')
  await commit('1_first', 'model A {\n  id Int @id\n}\n')
  expect(lastRelease(folder)).toEqual({ why: expect.stringContaining('there was no release yet') })
})

test("this project's schema is read whole", async () => {
  const { tables, enums } = readPrismaSchema(
    await readFile(path.join(projectFolder, 'prisma', 'schema.prisma'), 'utf8'),
  )
  expect([...tables.keys()]).toEqual(
    expect.arrayContaining(['events', 'sessions', 'session_speakers', 'revisions']),
  )
  expect([...tables.get('session_speakers')!.keys()]).toEqual([
    'event_id',
    'session_id',
    'speaker_id',
    'position',
  ])
  expect([...enums.get('session_level')!]).toEqual(['beginner', 'intermediate', 'advanced', 'expert'])
})

async function commit(migration: string, schema: string): Promise<void> {
  await mkdir(path.join(folder, migration))
  await writeFile(path.join(folder, migration, 'migration.sql'), 'SELECT 1;')
  await writeFile(path.join(clone, 'prisma', 'schema.prisma'), schema)
  git('add', '-A')
  git('-c', 'user.name=x', '-c', 'user.email=x@example.org', 'commit', '--quiet', '-m', migration)
}

function git(...args: string[]): void {
  execFileSync('git', args, { cwd: clone })
}
