import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openPool } from '../../src/database/pool.ts'
import { checkMigrations } from '../../src/schema-evolution/check/check.ts'
import { diagnose } from '../../src/schema-evolution/doctor/doctor.ts'
import { deploy } from '../../src/schema-evolution/deploy/deploy.ts'
import { requireSchema } from '../../src/schema-evolution/gate/require-schema.ts'
import { emptyDatabase } from '../clones.ts'
import {
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

const addRoom = 'ALTER TABLE "talks" ADD COLUMN "room" TEXT;'
const joined = [
  'talks after -',
  'lineage after talks',
  'join_begins after lineage',
  'anns after join_begins',
  'bobs after anns',
  'join_ends after bobs',
]

/** What a server says of the database at its start. */
async function stateOf({ url, migrationsFolder }: Developer): Promise<string> {
  const pool = openPool(url, { max: 1 }).on('error', () => {})
  const options = { pool, databaseUrl: url, migrationsFolder, migrate: false }
  try {
    return (await requireSchema(options)).schema.state
  } catch (error) {
    return (error as { state: string }).state
  } finally {
    await pool.end()
  }
}

/** What the doctor says of the records. */
async function diagnosed({ url, migrationsFolder }: Developer): Promise<string[]> {
  const { findings: all } = await diagnose({
    projectFolder: join(migrationsFolder, '../..'),
    base: undefined,
    database: url,
    shadowDatabaseUrl: undefined,
  })
  return all.filter(({ area }) => area === 'records').map(({ code }) => code)
}

async function fromZero({ migrationsFolder }: Developer): Promise<string> {
  const url = await emptyDatabase()
  await deploy({ url, migrations: migrationsFolder })
  return catalogOf(url)
}

async function findings({ migrationsFolder }: Developer): Promise<string[]> {
  return (await checkMigrations(migrationsFolder)).findings.map(({ code }) => code)
}

describe('two heads that are both applied', { timeout: 600_000 }, () => {
  test('are joined; a new database and those that have the one or the other end the same, with their rows', async () => {
    const { ann, bob } = await columnsApart()
    await bob.git('merge', 'origin/main')
    const untouched = await filesOf(bob)
    const { code, said } = await bob.migrations('merge')
    expect({ code, said: unstamped(said) }).toEqual({
      code: 0,
      said: `They commute: anns and bobs follow lineage, and give the same in either order.

Wrote prisma/migrations/join_begins
Wrote prisma/migrations/join_ends
Wrote prisma/migrations/lineage and catalog
Tried from zero and from each of them alone: all end with the same schema, which is what prisma/schema.prisma says.
Do: git add prisma, then commit. Each database gets what it lacks by "npx prisma migrate dev" or "deploy".`,
    })
    const { lineage: _conflicting, ...scripts } = untouched
    expect(await filesOf(bob)).toMatchObject(scripts)
    expect(await bob.migrations('check')).toMatchObject({ code: 0 })
    expect(await bob.migrations('heads')).toMatchObject({ code: 0 })
    // Gate, doctor and rebase read the records alike, also before anybody else has the join.
    expect([await stateOf(bob), await diagnosed(bob)]).toEqual(['pending', ['pending']])
    expect(await bob.migrations('rebase')).toMatchObject({
      code: 0,
      said: expect.stringContaining('nothing has to be moved'),
    })
    await bob.commit('joined')
    await bob.git('push', '--quiet')
    await ann.git('pull', '--quiet')
    expect([await stateOf(ann), await stateOf(bob)]).toEqual(['pending', 'pending'])
    expect(await diagnosed(ann)).toEqual(['pending'])

    expect(await bob.prisma('migrate', 'dev')).toMatchObject({ code: 0 })
    expect(await ann.prisma('migrate', 'deploy')).toMatchObject({ code: 0 })
    expect([await stateOf(ann), await stateOf(bob)]).toEqual(['in sync', 'in sync'])
    expect([await chainOf(ann), await chainOf(bob)]).toEqual([joined, joined])
    const kept = [{ id: 1, title: 'Kept', room: null, level: null }]
    expect([await ann.sql('SELECT * FROM talks'), await bob.sql('SELECT * FROM talks')]).toEqual([kept, kept])
    expect(await fromZero(bob)).toBe(await keptCatalogOf(bob))

    expect(await bob.prisma('migrate', 'dev', '--create-only', '--name', 'next')).toMatchObject({ code: 0 })
    expect(await findings(bob)).toEqual([])
    expect(await bob.migrations('merge')).toEqual({ code: 0, said: 'Nothing to merge: there is one head.' })
  })

  test('are joined where several of each stand between the others, and where a time stamp is the same', async () => {
    const { ann, bob } = await columnsApart()
    await ann.addMigration(
      '20261125000001_anns_second',
      'ALTER TABLE "talks" ALTER COLUMN "room" SET DEFAULT \'A\';',
    )
    await ann.writeModels(models('room String? @default("A")'))
    await deploy({ url: ann.url, migrations: ann.migrationsFolder })
    await ann.commit('more')
    await ann.git('push', '--quiet')
    await bob.addMigration(
      '20261125000001_bobs_second',
      'ALTER TABLE "talks" ALTER COLUMN "level" SET DEFAULT \'B\';',
    )
    await bob.writeModels(models('level String? @default("B")'))
    await deploy({ url: bob.url, migrations: bob.migrationsFolder })
    await bob.commit('more')
    await bob.git('pull', '--no-rebase')
    expect(await bob.migrations('merge')).toMatchObject({ code: 0 })
    expect(await findings(bob)).toEqual([])
    // Gate, doctor and rebase read the records alike, also before anybody else has the join.
    expect([await stateOf(bob), await diagnosed(bob)]).toEqual(['pending', ['pending']])
    expect(await bob.migrations('rebase')).toMatchObject({
      code: 0,
      said: expect.stringContaining('nothing has to be moved'),
    })
    await bob.commit('joined')
    await bob.git('push', '--quiet')
    await ann.git('pull', '--quiet')
    expect([await stateOf(ann), await stateOf(bob)]).toEqual(['pending', 'pending'])
    expect(await diagnosed(ann)).toEqual(['pending'])

    await deploy({ url: ann.url, migrations: ann.migrationsFolder })
    await deploy({ url: bob.url, migrations: bob.migrationsFolder })
    const chain = [
      ...joined.slice(0, 5),
      'anns_second after bobs',
      'bobs_second after anns_second',
      'join_ends after bobs_second',
    ]
    expect([await chainOf(ann), await chainOf(bob)]).toEqual([chain, chain])
    expect([await catalogOf(ann.url), await catalogOf(bob.url)]).toEqual([
      await fromZero(bob),
      await fromZero(bob),
    ])

    // What comes from elsewhere isn't of the join, wherever it sorts.
    await bob.writeScript('20261124120000_late', 'SELECT 1;')
    expect(await findings(bob)).toEqual(['no-line', 'no-insert', 'merged-late'])
    expect(await stateOf(bob)).toBe('out of order')
  })

  test('end joined also where the deployment stopped in their midst', async () => {
    const { ann, bob } = await columnsApart()
    await bob.git('merge', 'origin/main')
    await bob.migrations('merge')
    const ends = Object.keys(await filesOf(bob))
      .find((file) => file.includes('join_ends'))!
      .split('/')[0]!
    const folder = join(bob.migrationsFolder, ends)
    await rename(folder, `${bob.migrationsFolder}-ends`)
    await deploy({ url: ann.url, migrations: bob.migrationsFolder }).catch(() => {})
    await rename(`${bob.migrationsFolder}-ends`, folder)
    const stopped = { ...ann, migrationsFolder: bob.migrationsFolder }
    // Nothing but the whole join lets both be applied.
    expect([await stateOf(stopped), await chainOf(ann)]).toEqual([
      'pending',
      ['talks after -', 'lineage after talks', 'anns after lineage'],
    ])
    const begins = Object.entries(await filesOf(bob)).find(([file]) => file.includes('join_begins'))!
    await ann.sql(begins[1])
    await ann.sql(
      `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('begins', 'x', '${begins[0].split('/')[0]}', now())`,
    )
    await deploy({ url: stopped.url, migrations: stopped.migrationsFolder })
    expect(await chainOf(ann)).toEqual(joined)
  })
})

describe('nothing is joined', { timeout: 600_000 }, () => {
  test('where the order matters: what it is about is named', async () => {
    const { bob } = await apart(
      { sql: addRoom, models: models('room String?') },
      {
        sql: 'ALTER TABLE "talks" ADD COLUMN IF NOT EXISTS "room" VARCHAR(9);',
        models: models('room String?'),
      },
    )
    await bob.git('merge', 'origin/main')
    const before = await filesOf(bob)
    const { code, said } = await bob.migrations('merge')
    expect({ code, said: unstamped(said) }).toEqual({
      code: 24,
      said: `They don't commute: anns and bobs follow lineage, and the order matters:
  column talks.room: both create the column talks.room
Databases that got them in different orders would differ, so they are not joined. Nothing was changed.
Do: npm run migrations -- rebase, where one of them can still be changed; else bring the databases that have the one to where the others are, by hand.`,
    })
    expect(await filesOf(bob)).toEqual(before)
  })

  test('before git has merged, nor what schema.prisma does not say, nor by --dry-run', async () => {
    const { bob } = await columnsApart()
    expect(await bob.migrations('merge')).toMatchObject({
      code: 20,
      said: expect.stringContaining('Do: git merge origin/main, then: npm run migrations -- merge'),
    })
    await bob.git('merge', 'origin/main')
    const before = await filesOf(bob)
    const { code, said } = await bob.migrations('merge', '--dry-run', '--json')
    expect({ code, ...JSON.parse(unstamped(said)) }).toEqual({
      code: 0,
      parent: 'lineage',
      lines: [['anns'], ['bobs']],
      commutes: true,
      conflicts: [],
      obstacle: null,
      outcome: 'joined',
      begins: 'join_begins',
      ends: 'join_ends',
      fault: null,
    })
    await bob.writeModels(models('level String?'))
    expect(await bob.migrations('merge')).toMatchObject({
      code: 22,
      said: expect.stringContaining('[-] Removed column `room`'),
    })
    expect(await filesOf(bob)).toEqual(before)
  })
})

test(
  'a join that the main branch has gone on without is told to be made again',
  { timeout: 600_000 },
  async () => {
    const { ann, bob } = await columnsApart()
    await bob.git('merge', 'origin/main')
    await bob.migrations('merge')
    await bob.commit('joined')
    await ann.addMigration('20261125000009_anns_next', 'ALTER TABLE "talks" ADD COLUMN "hall" TEXT;')
    await ann.commit('next')
    await ann.git('push', '--quiet')
    await bob.git('fetch', '--quiet')
    expect(await findings(bob)).toEqual(['two-heads', 'merged-late'])
    await bob.git('merge', 'origin/main')
    expect(await bob.migrations('rebase')).toMatchObject({
      code: 25,
      said: expect.stringMatching(
        /can't be moved\.\nDo: git rm -r -f .*join_begins .*join_ends, then: npm run migrations -- merge/,
      ),
    })
  },
)
