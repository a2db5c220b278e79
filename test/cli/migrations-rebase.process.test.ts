import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkMigrations } from '../../src/schema-evolution/check/check.ts'
import { deploy } from '../../src/schema-evolution/deploy/deploy.ts'
import {
  annAndBob,
  apart,
  catalogOf,
  chainOf,
  columnsApart,
  type Developer,
  filesOf,
  keptCatalogOf,
  models,
  unstamped,
} from './meeting-branches.ts'

const addLevel = 'ALTER TABLE "talks" ADD COLUMN "level" TEXT;'
const addRoom = 'ALTER TABLE "talks" ADD COLUMN "room" TEXT;'
const uniqueTitles = {
  sql: 'CREATE UNIQUE INDEX "talks_title" ON "talks"("title");',
  models: models('@@unique([title], map: "talks_title")'),
}
const inOrder = { code: 0, said: expect.stringMatching(/^The \d migrations are in order/) as string }
const inLine = /and got 20261124000000_anns; all rows are kept, and the schema is that of a new one\./

describe('two branches that add a column each', { timeout: 600_000 }, () => {
  test('are put one after the other in the midst of the merge that git stopped, and no row is lost', async () => {
    const { bob } = await columnsApart()
    await bob.git('merge', 'origin/main')
    const { code, said } = await bob.migrations('rebase')
    expect({ code, said: unstamped(said) }).toEqual({
      code: 0,
      said: `They commute: bobs (yours) and anns (origin/main) give the same in either order.

Wrote prisma/migrations/bobs -> bobs
Wrote prisma/migrations/lineage
Wrote prisma/migrations/catalog
Tried from zero: all migrations are applied, and make what prisma/schema.prisma says.
Your database ${new URL(bob.url).pathname.slice(1)}: it has bobs as bobs and got anns; all rows are kept, and the schema is that of a new one.
Do: git add prisma, then commit.`,
    })
    expect(await chainOf(bob)).toEqual([
      'talks after -',
      'lineage after talks',
      'anns after lineage',
      'bobs after anns',
    ])
    expect(await bob.sql('SELECT * FROM talks')).toEqual([{ id: 1, title: 'Kept', level: null, room: null }])
    expect(await keptCatalogOf(bob)).toBe(await catalogOf(bob.url))
    expect(await bob.migrations('check')).toEqual(inOrder)
    expect(await bob.migrations('heads')).toMatchObject({ code: 0 })
    expect(await bob.prisma('migrate', 'dev')).toMatchObject({
      code: 0,
      said: expect.stringContaining('Already in sync'),
    })
    await bob.commit('merged')
    expect(await bob.migrations('rebase')).toMatchObject({
      code: 0,
      said: expect.stringContaining('Nothing to rebase'),
    })
  })

  test('are told to be merged by git first; nothing is changed', async () => {
    const { bob } = await columnsApart()
    const before = await filesOf(bob)
    const { code, said } = await bob.migrations('rebase')
    expect({ code, said: unstamped(said) }).toEqual({
      code: 20,
      said: `They commute: bobs (yours) and anns (origin/main) give the same in either order.

anns of origin/main isn't here yet, so nothing can be tried together. Nothing was changed.
Do: git merge origin/main (or git rebase origin/main; git stops at prisma/migrations/lineage), then: npm run migrations -- rebase`,
    })
    expect(await filesOf(bob)).toEqual(before)
  })

  test('are tried by --dry-run, and nothing is changed', async () => {
    const { bob } = await columnsApart()
    await bob.git('merge', 'origin/main')
    const before = [await filesOf(bob), await catalogOf(bob.url), await chainOf(bob)]
    const { code, said } = await bob.migrations('rebase', '--dry-run', '--json')
    expect(code).toBe(0)
    expect(JSON.parse(unstamped(said))).toEqual({
      onto: 'origin/main',
      mine: ['bobs'],
      theirs: ['anns'],
      doubled: {},
      commutes: true,
      conflicts: [],
      obstacle: null,
      outcome: 'rebased',
      moves: [{ from: 'bobs', to: 'bobs' }],
      fault: null,
      written: ['bobs -> bobs', 'lineage', 'catalog'],
      database: {
        state: 'brought in line',
        message: expect.stringContaining('it would have bobs as bobs and would get anns') as string,
      },
    })
    expect([await filesOf(bob), await catalogOf(bob.url), await chainOf(bob)]).toEqual(before)
  })

  test('are put in order during git rebase as well', async () => {
    const { bob } = await columnsApart()
    expect(await bob.git('rebase', 'origin/main')).toMatchObject({ code: 1 })
    expect(await bob.migrations('rebase')).toMatchObject({ code: 0, said: expect.stringMatching(inLine) })
    await bob.git('add', 'prisma')
    expect(await bob.git('-c', 'core.editor=true', 'rebase', '--continue')).toMatchObject({ code: 0 })
    expect(await errors(bob)).toEqual([])
  })
})

describe('a migration of mine', { timeout: 600_000 }, () => {
  test.for([
    ['sorts first, because it is merged late', '20261123230000_bobs'],
    ['has the same time stamp', '20261124000000_bobs'],
  ] as const)('that %s comes last', async ([, name]) => {
    const { bob } = await apart(
      { sql: addRoom, models: models('room String?') },
      { sql: addLevel, models: models('level String?'), name },
    )
    // Git joins the lines by itself, and nobody looks.
    await writeFile(join(bob.migrationsFolder, '.gitattributes'), 'lineage merge=union\n')
    expect(await bob.git('merge', '--quiet', 'origin/main')).toMatchObject({ code: 0 })
    expect(await errors(bob)).toContain('two-heads')
    expect(await bob.migrations('rebase')).toMatchObject({ code: 0, said: expect.stringMatching(inLine) })
    expect(await errors(bob)).toEqual([])
  })

  test('that is two of three others comes with them, in their order, also in a database that has two of them', async () => {
    const { bob } = await columnsApart()
    await bob.addMigration('20261125000001_second', 'CREATE INDEX "talks_level" ON "talks"("level");')
    await deploy({ url: bob.url, migrations: bob.migrationsFolder })
    await bob.addMigration('20261125000002_third', 'ALTER TABLE "talks" ADD COLUMN "hall" TEXT;')
    await bob.writeModels(models('level String?', '@@index([level], map: "talks_level")', 'hall String?'))
    await bob.commit('more')
    await bob.git('merge', 'origin/main')
    await bob.writeModels(
      models('level String?', '@@index([level], map: "talks_level")', 'hall String?', 'room String?'),
    )
    expect(await bob.migrations('rebase', '--no-database')).toMatchObject({ code: 0 })
    const folders = (await readdir(bob.migrationsFolder)).filter((name) => /^\d/.test(name))
    expect(folders.map(unstamped)).toEqual(['talks', 'lineage', 'anns', 'bobs', 'second', 'third'])
    expect(await errors(bob)).toEqual(['index-not-concurrent'])

    // Whoever has them under their former names is brought in line, whenever that is.
    expect(await bob.migrations('rebase')).toMatchObject({
      code: 0,
      said: expect.stringMatching(
        /Nothing to rebase[^]* and got 20261124000000_anns, \d{14}_third; all rows/,
      ),
    })
    expect((await chainOf(bob)).slice(2)).toEqual([
      'anns after lineage',
      'bobs after anns',
      'second after bobs',
      'third after second',
    ])
    expect(await bob.sql('SELECT * FROM talks')).toMatchObject([{ id: 1, title: 'Kept', hall: null }])
  })
})

test('two that do the very same become one, and the database that has mine has theirs, with its rows', async () => {
  const { bob } = await apart(
    { sql: addRoom, models: models('room String?') },
    { sql: addRoom, models: models('room String?') },
  )
  await bob.sql("UPDATE talks SET room = 'Attic'")
  await bob.git('merge', 'origin/main')
  const { code, said } = await bob.migrations('rebase')
  expect({ code, said: unstamped(said) }).toEqual({
    code: 0,
    said: `bobs (yours) does the very same as anns (origin/main), so it isn't needed.
Yours: none. New in origin/main: anns.

Wrote prisma/migrations/bobs -> nothing
Wrote prisma/migrations/lineage
Wrote prisma/migrations/catalog
Tried from zero: all migrations are applied, and make what prisma/schema.prisma says.
Your database ${new URL(bob.url).pathname.slice(1)}: it has bobs as anns; all rows are kept, and the schema is that of a new one.
Do: git add prisma, then commit.`,
  })
  expect(await chainOf(bob)).toEqual(['talks after -', 'lineage after talks', 'anns after lineage'])
  expect(await bob.sql('SELECT room FROM talks')).toEqual([{ room: 'Attic' }])
  expect(await bob.migrations('check')).toEqual(inOrder)
  expect(await bob.prisma('migrate', 'dev')).toMatchObject({
    code: 0,
    said: expect.stringContaining('Already in sync'),
  })
}, 600_000)

describe('where the order matters', { timeout: 600_000 }, () => {
  test('two that add a column of the same name are named, and the statement that fails; nothing is changed', async () => {
    const { bob } = await apart(
      { sql: addRoom, models: models('room String?') },
      { sql: addRoom.replace('TEXT', 'VARCHAR(9)'), models: models('room String?') },
    )
    await bob.git('merge', 'origin/main')
    const before = [await filesOf(bob), await catalogOf(bob.url), await chainOf(bob)]
    const { code, said } = await bob.migrations('rebase')
    expect({ code, said: unstamped(said) }).toEqual({
      code: 21,
      said: `They don't commute: of bobs (yours) and anns (origin/main) the order matters, so look at these:
  column talks.room: both create the column talks.room

One after the other, they can't be applied; nothing was changed.

Migration name: bobs

Database error code: 42701

Database error:
ERROR: column "room" of relation "talks" already exists

Mend that file, then run this again.`,
    })
    expect([await filesOf(bob), await catalogOf(bob.url), await chainOf(bob)]).toEqual(before)

    await bob.writeScript('20261125000000_bobs', 'ALTER TABLE "talks" ALTER COLUMN "room" SET DEFAULT \'A\';')
    await bob.writeModels(models('room String? @default("A")'))
    expect(await bob.migrations('rebase')).toMatchObject({
      code: 23,
      said: expect.stringMatching(
        /20261125000000_bobs was edited after it was applied there\.\nNothing was changed\. .*npm run migrations -- drift\n/,
      ),
    })
    expect(await catalogOf(bob.url)).toBe(before[1])
    expect(await errors(bob)).toEqual([])
  })

  /** Both change the titles that are there. */
  async function titles(): Promise<Developer> {
    const { bob } = await apart(
      { sql: 'UPDATE "talks" SET "title" = upper("title");', models: models() },
      { sql: 'UPDATE "talks" SET "title" = "title" || \'s\';', models: models() },
    )
    await bob.git('merge', 'origin/main')
    return bob
  }

  test('the files are rebased, and the database that has the wrong order is left as it is, with what can be done', async () => {
    const bob = await titles()
    expect(await bob.migrations('rebase')).toMatchObject({
      code: 23,
      said: expect.stringMatching(
        /lacks 20261124000000_anns, and the order matters: one writes and reads, the other writes and reads the column talks\.title\.\n/,
      ),
    })
    expect(await bob.sql('SELECT title FROM talks')).toEqual([{ title: 'Kepts' }])
    expect(await chainOf(bob)).toEqual(['talks after -', 'lineage after talks', 'bobs after lineage'])
    expect(await errors(bob)).toEqual([])
  })

  test('what is told to do leads to a database in order without a reset, also where mine is on a branch of the remote', async () => {
    const bob = await titles()
    await bob.git('push', '--quiet', 'origin', 'HEAD^1:refs/heads/bobs')
    const { said } = await bob.migrations('rebase')
    expect(said).not.toContain('reset')
    expect(said).toContain('write a down.sql beside each of yours')
    expect(said).toContain('npm run migrations -- drift --take-back && npx prisma migrate dev')
    expect(await bob.migrations('drift')).toMatchObject({
      code: 1,
      said: expect.stringMatching(/under a former name: 20261125000000_bobs \(here: \d{14}_bobs\)\./),
    })
    expect(await bob.migrations('drift', '--take-back')).toMatchObject({ code: 0 })
    expect(await bob.prisma('migrate', 'dev')).toMatchObject({ code: 0 })
    expect((await chainOf(bob)).slice(2)).toEqual(['anns after lineage', 'bobs after anns'])
    expect(await bob.migrations('rebase')).toMatchObject({
      code: 0,
      said: expect.stringContaining('it has all migrations.'),
    })
  })

  test('mine is taken back by its down.sql and applied again, where that is asked for', async () => {
    const bob = await titles()
    const down = 'UPDATE "talks" SET "title" = rtrim("title", \'s\');'
    await writeFile(join(bob.migrationsFolder, '20261125000000_bobs/down.sql'), down)
    expect(await bob.migrations('rebase')).toMatchObject({
      code: 23,
      said: expect.stringContaining('npm run migrations -- rebase --undo'),
    })
    expect(await bob.migrations('rebase', '--undo')).toMatchObject({
      code: 0,
      said: expect.stringContaining('taken back and applied again and got 20261124000000_anns'),
    })
    expect(await bob.sql('SELECT title FROM talks')).toEqual([{ title: 'KEPTs' }])
    expect((await chainOf(bob)).slice(2)).toEqual(['anns after lineage', 'bobs after anns'])
  })
})

describe('a database that would not be as a new one', { timeout: 600_000 }, () => {
  test('because theirs fails on its rows is left as it is, and what is told to do mends it', async () => {
    const { bob } = await apart(uniqueTitles, { sql: addLevel, models: models('level String?') })
    await bob.git('merge', 'origin/main')
    await bob.sql("INSERT INTO talks VALUES (2, 'Kept')")
    const before = [await catalogOf(bob.url), await chainOf(bob), await bob.sql('SELECT * FROM talks')]
    const { code, said } = await bob.migrations('rebase')
    expect({ code, said }).toEqual({
      code: 23,
      said: expect.stringMatching(
        /could not create unique index "talks_title"[^]*Mend what it names, in the rows or in a migration of yours, then run/,
      ) as string,
    })
    expect(said).not.toContain('reset')
    expect([await catalogOf(bob.url), await chainOf(bob), await bob.sql('SELECT * FROM talks')]).toEqual(
      before,
    )
    await bob.sql("UPDATE talks SET title = 'Other' WHERE id = 2")
    expect(await bob.migrations('rebase')).toMatchObject({ code: 0, said: expect.stringMatching(inLine) })
  })
})

test('what was changed by hand stays in the database that gets theirs, and is then kept as a migration', async () => {
  const { bob } = await apart(uniqueTitles, { sql: addLevel, models: models('level String?') })
  await bob.git('merge', 'origin/main')
  await bob.sql(
    "UPDATE talks SET level = 'all'; CREATE TABLE by_hand (id int); INSERT INTO by_hand VALUES (7)",
  )
  expect(await bob.migrations('rebase')).toMatchObject({
    code: 0,
    said: expect.stringMatching(
      /got 20261124000000_anns; all rows are kept, and what was changed by hand stays so \(not ours: .*table by_hand\)\..*npm run migrations -- drift/,
    ),
  })
  expect(await bob.migrations('drift', '--adopt', 'by_hand')).toMatchObject({ code: 0 })
  expect((await chainOf(bob)).slice(2)).toEqual([
    'anns after lineage',
    'bobs after anns',
    'by_hand after bobs',
  ])
  expect(await bob.sql('SELECT level, by_hand.id FROM talks, by_hand')).toEqual([{ level: 'all', id: 7 }])
  expect(await bob.migrations('rebase')).toMatchObject({
    code: 0,
    said: expect.stringContaining('it has all migrations.'),
  })
}, 600_000)

test('theirs that can be no part of a transaction is applied after mine has its new name, and no row is lost', async () => {
  const sql = `-- migration: no transaction\n${uniqueTitles.sql.replace('INDEX', 'INDEX CONCURRENTLY')}`
  const { bob } = await apart({ ...uniqueTitles, sql }, { sql: addLevel, models: models('level String?') })
  await bob.git('merge', 'origin/main')
  await bob.sql("UPDATE talks SET level = 'all'")
  expect(await bob.migrations('rebase')).toMatchObject({
    code: 0,
    said: expect.stringMatching(/it has .*_bobs, and lacks 20261124000000_anns\..*npx prisma migrate dev/),
  })
  expect(await bob.prisma('migrate', 'dev')).toMatchObject({ code: 0 })
  expect((await chainOf(bob)).slice(2)).toEqual(['anns after lineage', 'bobs after anns'])
  expect(await bob.sql('SELECT title, level FROM talks')).toEqual([{ title: 'Kept', level: 'all' }])
  expect(await bob.migrations('rebase')).toMatchObject({
    code: 0,
    said: expect.stringContaining('it has all migrations.'),
  })
}, 600_000)

test(
  'a database that somebody migrates right now is brought in line later',
  { timeout: 600_000 },
  async () => {
    const { bob } = await columnsApart()
    await bob.git('merge', 'origin/main')
    await bob.sql('SELECT pg_advisory_lock(72707369)')
    expect(await bob.migrations('rebase')).toMatchObject({
      code: 23,
      said: expect.stringMatching(
        /Migrations are being applied by .*\nNothing was changed\. Do it then: npm run/,
      ),
    })
    await bob.sql('SELECT pg_advisory_unlock_all()')
    expect(await bob.migrations('rebase')).toMatchObject({ code: 0, said: expect.stringMatching(inLine) })
  },
)

describe('the files', { timeout: 600_000 }, () => {
  test('stay as they are where the migrations do not make what schema.prisma says, and the commands that are told make it right', async () => {
    const { bob } = await columnsApart()
    await bob.git('merge', 'origin/main')
    await bob.writeModels(models('level String?', 'room String?', 'hall String?'))
    const before = await filesOf(bob)
    const { code, said } = await bob.migrations('rebase')
    expect({ code, said }).toEqual({
      code: 22,
      said: expect.stringContaining('[*] Changed the `talks` table\n  [+] Added column `hall`') as string,
    })
    expect(said).toContain(
      'Do: npm run migrations -- rebase --despite-difference && npx prisma migrate dev --name what-differs',
    )
    expect(await filesOf(bob)).toEqual(before)

    expect(await bob.migrations('rebase', '--despite-difference')).toMatchObject({ code: 0 })
    expect(await bob.prisma('migrate', 'dev', '--name', 'what-differs')).toMatchObject({ code: 0 })
    expect(await errors(bob)).toEqual([])
    expect(await bob.sql('SELECT title, hall FROM talks')).toEqual([{ title: 'Kept', hall: null }])
  })

  test('stay as they are where one cannot be written', async () => {
    const { bob } = await columnsApart()
    await bob.git('merge', 'origin/main')
    await mkdir(join(bob.migrationsFolder, '20261125000000_bobs/migration.sql.new'))
    const before = await filesOf(bob)
    expect(await bob.migrations('rebase')).toMatchObject({ code: 1, said: expect.stringContaining('EISDIR') })
    expect(await filesOf(bob)).toEqual(before)
    expect(await chainOf(bob)).toEqual(['talks after -', 'lineage after talks', 'bobs after lineage'])
  })

  test('are not touched while schema.prisma is in conflict, and not without a branch to compare with', async () => {
    const { bob } = await apart(
      { sql: addRoom, models: models('room String?') },
      { sql: 'ALTER TABLE "talks" ADD COLUMN "hall" TEXT;', models: models('hall String?') },
    )
    await bob.git('merge', 'origin/main')
    expect(await bob.migrations('rebase')).toMatchObject({
      code: 25,
      said: expect.stringContaining("prisma/schema.prisma has git's conflict markers"),
    })
    await bob.git('remote', 'remove', 'origin')
    expect(await bob.migrations('rebase')).toEqual({
      code: 2,
      said: "There is no remote's main branch to compare with. Name a branch: --onto BRANCH",
    })
    expect(await bob.migrations('rebase', '--no-databse')).toMatchObject({ code: 2 })
  })

  test('that were merged into the main branch with two heads are put in order by --onto', async () => {
    const { bob } = await columnsApart()
    await bob.git('merge', 'origin/main')
    await bob.git('checkout', '--theirs', 'prisma/migrations/lineage')
    await bob.commit('merged')
    await bob.git('push')
    expect(await bob.migrations('rebase')).toMatchObject({
      code: 25,
      said: expect.stringContaining('origin/main has all of them'),
    })
    expect(await bob.migrations('rebase', '--onto', 'HEAD^2')).toMatchObject({
      code: 0,
      said: expect.stringMatching(inLine),
    })
    expect(await bob.migrations('heads', '--ref', 'HEAD^2')).toMatchObject({ code: 0 })
  })
})

test('a database that has none of mine is left to prisma migrate dev', { timeout: 600_000 }, async () => {
  const { ann, bob } = await annAndBob()
  await ann.addMigration('20261124000000_anns', addRoom)
  await ann.writeModels(models('room String?'))
  await ann.commit("Ann's")
  await ann.git('push', '--quiet')
  await bob.addMigration('20261125000000_bobs', addLevel)
  await bob.writeModels(models('level String?'))
  await bob.commit("Bob's")
  await bob.git('pull', '--no-rebase')
  expect(await bob.migrations('rebase')).toMatchObject({
    code: 0,
    said: expect.stringMatching(/it lacks 20261124000000_anns, \d{14}_bobs\. Run: npx prisma migrate dev/),
  })
})

/** What `check` finds, but for warnings. */
async function errors({ migrationsFolder }: Developer): Promise<string[]> {
  const { findings } = await checkMigrations(migrationsFolder)
  return findings.filter(({ severity }) => severity === 'error').map(({ code }) => code)
}
