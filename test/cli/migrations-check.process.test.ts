import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkMigrations } from '../../src/schema-evolution/check/check.ts'
import { formatLineage, readLineage } from '../../src/schema-evolution/files/lineage.ts'
import { type Clone, createOrigin } from './migration-clones.ts'

const rebase = 'npm run migrations -- rebase'
const write = 'npm run migrations -- lineage --write'

describe('two branches that add a migration each', () => {
  /** Ann's is on the main branch; Bob's isn't merged yet. */
  async function branches(bobs = '20261104000000_bobs', sql = 'CREATE TABLE bobs (id int);') {
    const { clone } = await createOrigin()
    const [ann, bob] = [await clone('ann'), await clone('bob')]
    await ann.addMigration('20261103000000_anns', 'CREATE TABLE anns (id int);')
    await ann.commit("Ann's")
    expect(await ann.git('push', '--quiet')).toEqual({ code: 0, said: '' })
    await bob.addMigration(bobs, sql)
    await bob.commit("Bob's")
    return { ann, bob }
  }

  test('are told before they merge, as soon as the other is fetched', async () => {
    const { bob } = await branches()
    expect(await bob.migrations('check')).toEqual({
      code: 0,
      said: 'The 3 migrations are in order (compared with origin/main).',
    })
    await bob.git('fetch', '--quiet')
    expect(await bob.migrations('check', '--json')).toEqual({
      code: 1,
      said: JSON.stringify(
        {
          base: 'origin/main',
          findings: [
            {
              severity: 'error',
              code: 'two-heads',
              message:
                'Two heads: 20261103000000_anns and 20261104000000_bobs both follow 20261102000000_lineage. origin/main has 20261103000000_anns.',
              migrations: ['20261103000000_anns', '20261104000000_bobs'],
              remedy: rebase,
            },
          ],
        },
        null,
        2,
      ),
    })
    expect(await bob.migrations('heads')).toEqual({
      code: 1,
      said: `20261101000000_talks    here, origin/main
20261102000000_lineage  here, origin/main
├─ 20261103000000_anns  origin/main  <- head
└─ 20261104000000_bobs  here  <- head`,
    })
  })

  test('conflict in git, and the conflict is told with the command that ends it', async () => {
    const { bob } = await branches()
    expect(await bob.git('pull', '--quiet', '--no-rebase')).toEqual({
      code: 1,
      said: expect.stringContaining('CONFLICT (content): Merge conflict in prisma/migrations/lineage'),
    })
    expect(await bob.migrations('check')).toEqual({
      code: 1,
      said: `error: conflict-markers
  Line 3 of prisma/migrations/lineage is a conflict marker of git: both branches added a migration, and one must follow the other.
  Do: ${rebase}`,
    })
    expect(await bob.migrations('lineage', '--write')).toMatchObject({ code: 1 })
    expect(await readFile(join(bob.migrationsFolder, 'lineage'), 'utf8')).toContain('<<<<<<<')
  })

  test('are told after both lines were taken; the hook keeps the commit out, and --no-verify lets it', async () => {
    const { bob } = await branches()
    expect(await bob.migrations('install-hook')).toMatchObject({ code: 0 })
    await writeFile(join(bob.migrationsFolder, '.gitattributes'), 'lineage merge=union\n')
    expect(await bob.git('pull', '--quiet', '--no-rebase')).toEqual({
      code: 1,
      said: expect.stringMatching(
        /^Auto-merging prisma.migrations.lineage\nerror: two-heads\n  Two heads: 20261103000000_anns and 20261104000000_bobs both follow 20261102000000_lineage\.\n  Do: npm run migrations -- rebase\n\nNot committing merge/,
      ),
    })
    expect(await bob.commit('merged')).toMatchObject({ code: 1, said: expect.stringContaining('two-heads') })
    expect(await bob.git('commit', '--quiet', '--no-verify', '--message', 'merged')).toEqual({
      code: 0,
      said: '',
    })
    expect(await findings(bob)).toEqual([`two-heads 20261103000000_anns, 20261104000000_bobs: ${rebase}`])
  })

  test('are told where the one that is merged late sorts first', async () => {
    const { bob } = await branches('20261102120000_bobs')
    await bob.git('fetch', '--quiet')
    expect(await findings(bob)).toEqual([`two-heads 20261102120000_bobs, 20261103000000_anns: ${rebase}`])
    await bob.git('merge', '--quiet', 'origin/main')
    const [talks, lineage] = (await readLineage(bob.migrationsFolder).catch(() => null)) ?? []
    expect([talks, lineage]).toEqual([undefined, undefined])
    await bob.git('checkout', '--quiet', '--theirs', 'prisma/migrations/lineage')
    const lines = (await readLineage(bob.migrationsFolder))!
    const late = { name: '20261102120000_bobs', parent: '20261103000000_anns', checksum: lines[0]!.checksum }
    await writeFile(join(bob.migrationsFolder, 'lineage'), formatLineage([...lines, late]))
    expect(await findings(bob)).toEqual([
      `out-of-order 20261102120000_bobs, 20261103000000_anns: ${rebase}`,
      `edited 20261102120000_bobs: ${write}`,
      `unsorted-lineage 20261103000000_anns, 20261102120000_bobs: ${write}`,
      `other-row 20261102120000_bobs: ${write}`,
      `merged-late 20261102120000_bobs, 20261103000000_anns: ${rebase}`,
    ])
  })

  test('are told where they have the same time stamp', async () => {
    const { bob } = await branches('20261103000000_bobs')
    await bob.git('pull', '--quiet', '--no-rebase')
    expect(await findings(bob)).toEqual([
      `equal-timestamps 20261103000000_anns, 20261103000000_bobs: ${rebase}`,
      `conflict-markers : ${rebase}`,
    ])
  })
})

describe('what others have already', () => {
  const talks = '20261101000000_talks'
  const restore = `git checkout origin/main -- prisma/migrations/${talks}`

  test('is told where it was edited, also with its line; the remedy mends it', async () => {
    const bob = await (await createOrigin()).clone('bob')
    await bob.writeScript(talks, 'CREATE TABLE talks (id bigint);')
    expect(await findings(bob)).toEqual([`edited-since-base ${talks}: ${restore}`])
    await bob.git('commit', '--quiet', '--all', '--message', 'edited')
    expect(await bob.migrations('lineage', '--write')).toEqual({ code: 0, said: 'Nothing to write.' })
    expect(await findings(bob)).toEqual([`edited-since-base ${talks}: ${restore}`])
    await bob.git(...restore.split(' ').slice(1))
    expect(await findings(bob)).toEqual([])
  })

  test('is told where it was deleted', async () => {
    const bob = await (await createOrigin()).clone('bob')
    await rm(join(bob.migrationsFolder, talks), { recursive: true })
    expect((await findings(bob)).at(-1)).toBe(`deleted ${talks}: ${restore}`)
    await bob.git(...restore.split(' ').slice(1))
    expect(await findings(bob)).toEqual([])
  })

  test('is told where it was renamed, also with a new row', async () => {
    const { clone } = await createOrigin()
    const [ann, bob] = [await clone('ann'), await clone('bob')]
    await ann.addMigration('20261103000000_anns', 'CREATE TABLE anns (id int);')
    await ann.commit("Ann's")
    await ann.git('push', '--quiet')
    await bob.git('pull', '--quiet')
    await rename(
      join(bob.migrationsFolder, '20261103000000_anns'),
      join(bob.migrationsFolder, '20261104000000_better'),
    )
    await bob.addMigration('20261105000000_next', 'SELECT 1;')
    expect(await findings(bob)).toEqual([
      `renamed 20261103000000_anns, 20261104000000_better: git mv prisma/migrations/20261104000000_better prisma/migrations/20261103000000_anns && ${write}`,
    ])
  })

  test('may be behind what others have now', async () => {
    const { clone } = await createOrigin()
    const [ann, bob] = [await clone('ann'), await clone('bob')]
    await ann.addMigration('20261103000000_anns', 'CREATE TABLE anns (id int);')
    await ann.commit("Ann's")
    await ann.git('push', '--quiet')
    await bob.git('fetch', '--quiet')
    expect(await findings(bob)).toEqual([])
  })
})

describe('what is only here', () => {
  test('gets its line and its row by the command that is told', async () => {
    const bob = await (await createOrigin()).clone('bob')
    await bob.writeScript('20261103000000_by_hand', 'SELECT 1;')
    await bob.addMigration('20261104000000_new', 'SELECT 2;')
    await rename(
      join(bob.migrationsFolder, '20261104000000_new'),
      join(bob.migrationsFolder, '20261105000000_newer'),
    )
    await bob.writeScript('20261106000000_last', 'SELECT 3;')
    expect(await findings(bob)).toEqual([
      `no-folder 20261104000000_new: ${write}`,
      `no-line 20261105000000_newer: ${write}`,
      `no-line 20261106000000_last: ${write}`,
      `other-row 20261105000000_newer: ${write}`,
      `no-insert 20261106000000_last: ${write}`,
    ])
    expect(await bob.migrations('lineage')).toEqual({
      code: 0,
      said: `Would write (say --write) prisma/migrations/lineage
Would write (say --write) prisma/migrations/20261105000000_newer/migration.sql
Would write (say --write) prisma/migrations/20261106000000_last/migration.sql`,
    })
    expect(await bob.migrations('lineage', '--write')).toMatchObject({ code: 0 })
    expect(await findings(bob)).toEqual([])
  })

  test('is told where it cannot be read, or is called otherwise', async () => {
    const bob = await (await createOrigin()).clone('bob')
    await bob.addMigration('by_hand', '<<<<<<< HEAD\nSELECT 1;\n=======\nSELECT 2;\n>>>>>>> theirs\n')
    await rm(join(bob.migrationsFolder, '20261102000000_lineage/migration.sql'))
    const found = (await checkMigrations(bob.migrationsFolder)).findings
    expect(found.map(({ code, migrations }) => `${code} ${migrations.join()}`)).toEqual([
      'unreadable-file 20261102000000_lineage',
      'bad-name by_hand',
      'conflict-markers by_hand',
      'edited-since-base 20261102000000_lineage',
    ])
  })
})

test('works without git, and without the lineage', async () => {
  const bob = await (await createOrigin()).clone('bob')
  await rm(join(bob.migrationsFolder, '../../.git'), { recursive: true })
  const inOrder = 'The 2 migrations are in order (no branch to compare with).'
  expect(await bob.migrations('check')).toEqual({ code: 0, said: inOrder })
  await bob.writeScript('20261101000000_talks', 'SELECT 1;')
  await rm(join(bob.migrationsFolder, 'lineage'))
  expect(await findings(bob)).toEqual([`no-lineage 20261101000000_talks, 20261102000000_lineage: ${write}`])
  expect(await bob.migrations('lineage', '--write')).toMatchObject({ code: 0 })
  expect(await findings(bob)).toEqual([])
  expect(await bob.migrations('install-hook')).toEqual({
    code: 2,
    said: 'This is no git clone, so there are no hooks to install.',
  })
})

describe('the hook', () => {
  test('checks a commit that changes prisma/, no other, and goes again', async () => {
    const bob = await (await createOrigin()).clone('bob')
    await bob.migrations('install-hook')
    await bob.writeScript('20261103000000_by_hand', 'SELECT 1;')
    expect(await bob.commit('by hand')).toEqual({ code: 1, said: expect.stringContaining('error: no-line') })
    await bob.migrations('lineage', '--write')
    expect(await bob.commit('by hand')).toEqual({
      code: 0,
      said: 'The 3 migrations are in order (compared with origin/main).',
    })
    await rm(join(bob.migrationsFolder, 'lineage'))
    expect(await bob.git('commit', '--quiet', '--allow-empty', '--message', 'nothing in prisma/')).toEqual({
      code: 0,
      said: '',
    })
    expect(await bob.migrations('install-hook', '--remove')).toEqual({ code: 0, said: '' })
    expect(existsSync(join(bob.migrationsFolder, '../../.git/hooks/pre-commit'))).toBe(false)
  })

  test("leaves somebody's own hook alone", async () => {
    const bob = await (await createOrigin()).clone('bob')
    const own = join(bob.migrationsFolder, '../../.git/hooks/pre-commit')
    await writeFile(own, '#!/bin/sh\nexit 0\n', { mode: 0o755 })
    expect(await bob.migrations('install-hook')).toEqual({
      code: 2,
      said: `${own} is there already. Add to it: npm run --silent migrations -- check || exit 1`,
    })
    await bob.migrations('install-hook', '--remove')
    expect(await readFile(own, 'utf8')).toBe('#!/bin/sh\nexit 0\n')
  })
})

test.for([
  [['check', '--bse', 'x'], 'There is no option --bse; --help lists them.'],
  [['check', '--base'], '--base needs a value.'],
  [
    ['check', '--base', 'nowhere'],
    'git knows no branch or commit "nowhere" here. Fetch it: git fetch origin',
  ],
  [['chek'], 'There is no command "chek": check, '],
] as const)('refuses %j as wrong usage', async ([args, said]) => {
  const bob = await (await createOrigin()).clone('bob')
  expect(await bob.migrations(...args)).toEqual({ code: 2, said: expect.stringContaining(said) })
})

/** `CODE MIGRATIONS: REMEDY` */
async function findings({ migrationsFolder }: Clone): Promise<string[]> {
  const found = (await checkMigrations(migrationsFolder)).findings
  return found.map(({ code, migrations, remedy }) => `${code} ${migrations.join(', ')}: ${remedy}`)
}
