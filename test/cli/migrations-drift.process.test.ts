import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { annAndBob, models, unstamped } from './meeting-branches.ts'

const patience = { timeout: 600_000 }

test(
  'what was changed by hand no longer leads to a reset: one command keeps it, with the rows',
  patience,
  async () => {
    const { ann, bob } = await annAndBob()
    await bob.sql('ALTER TABLE talks ADD COLUMN ramp_note text')
    await bob.sql("UPDATE talks SET ramp_note = 'left'")
    const stuck = await bob.prisma('migrate', 'dev')
    expect(stuck.said).toMatch(
      /Added column `ramp_note`[^]*To keep the rows, don't reset. Run: npm run migrations -- drift/,
    )

    expect(await bob.migrations('drift')).toEqual({
      code: 1,
      said: `The schema isn't what the applied migrations make (not ours: column talks.ramp_note).
Keep it:      npm run migrations -- drift --adopt NAME
Take it back: npm run migrations -- drift --take-back
See first what either would do: add --dry-run`,
    })
    expect(await bob.migrations('drift', '--take-back')).toEqual({
      code: 1,
      said: expect.stringContaining('column talks.ramp_note: its values in 1 rows are gone') as string,
    })
    const told = {
      code: 0,
      said: `Wrote prisma/migrations/ramp_note/migration.sql:

ALTER TABLE "talks" ADD COLUMN "ramp_note" text;

-- Which migration this one follows. Kept by "npx prisma migrate dev"; let it stay the last statement.
INSERT INTO migration_lineage (name, parent) VALUES ('ramp_note', 'lineage');

Recorded as applied in this database, and in prisma/migrations/lineage and catalog.
Wrote prisma/schema.prisma. Fields may be renamed: leave @map("the column").
Do: npm run migrations -- check, then git add prisma and commit.`,
    }
    const tried = await bob.migrations('drift', '--adopt', 'ramp note', '--dry-run')
    expect(tried).toMatchObject({ code: 0, said: expect.stringContaining('Would write') as string })
    const { code, said } = await bob.migrations('drift', '--adopt', 'ramp note')
    expect({ code, said: unstamped(said) }).toEqual(told)
    expect(await readFile(join(bob.migrationsFolder, '../schema.prisma'), 'utf8')).toMatch(
      /ramp_note +String\?/,
    )
    expect(await bob.sql('SELECT id, ramp_note FROM talks')).toEqual([{ id: 1, ramp_note: 'left' }])
    expect(await bob.migrations('check')).toMatchObject({ code: 0 })
    expect(await bob.prisma('migrate', 'dev')).toMatchObject({
      code: 0,
      said: expect.stringContaining('Already in sync') as string,
    })

    await bob.commit('A note')
    await bob.git('push', '--quiet')
    await ann.git('pull', '--quiet')
    expect(await ann.prisma('migrate', 'dev')).toMatchObject({ code: 0 })
    expect(await ann.sql('SELECT id, title, ramp_note FROM talks')).toEqual([
      { id: 1, title: 'Kept', ramp_note: null },
    ])

    await ann.sql('CREATE INDEX by_title ON talks (title)')
    expect(await ann.migrations('drift', '--take-back')).toEqual({
      code: 0,
      said: 'DROP INDEX "by_title";\n\nTaken back, without a row lost.',
    })
    expect(await ann.migrations('drift')).toEqual({
      code: 0,
      said: 'Nothing was changed by hand: the schema is what the applied migrations make.',
    })
    for (const wrong of [['--adopt', '../x', '--take-back'], ['--adopt'], ['--adopt', '9'], ['--keep']]) {
      expect(await ann.migrations('drift', ...wrong)).toMatchObject({ code: 2 })
    }
  },
)

test(
  'a migration that was edited or deleted after it was applied, before it was pushed, no longer leads to a reset',
  patience,
  async () => {
    const { bob } = await annAndBob()
    const name = '20261201000000_level'
    const file = join(bob.migrationsFolder, name, 'migration.sql')
    await bob.writeModels(models('level Int?'))
    await bob.addMigration(name, 'ALTER TABLE "talks" ADD COLUMN "level" INTEGER;')
    expect(await bob.prisma('migrate', 'dev')).toMatchObject({ code: 0 })

    // Edited so that it makes the same.
    await writeFile(file, `-- How hard it is.\n${await readFile(file, 'utf8')}`)
    const stuck = await bob.prisma('migrate', 'dev')
    expect(stuck.said).toMatch(/was modified after it was applied[^]*Run: npm run migrations -- drift/)
    expect(await bob.migrations('deploy')).toMatchObject({
      code: 14,
      said: expect.stringContaining('"npm run migrations -- drift" says what to do') as string,
    })
    expect(await bob.migrations('drift')).toEqual({
      code: 1,
      said: `Edited here since this database applied it: ${name}.
No branch of a remote has what was applied. If somebody else wrote it: git fetch --all, and run this again.
The schema is what the files make.
Let the records say so, too: npm run migrations -- drift --take-back`,
    })
    const settled = {
      code: 0,
      said: `The records of this database say of ${name} what the files say. Rows that they changed stay so.
Do: npx prisma migrate dev`,
    }
    expect(await bob.migrations('drift', '--take-back')).toEqual(settled)
    expect(await bob.prisma('migrate', 'dev')).toMatchObject({ code: 0 })
    expect(await bob.migrations('check')).toMatchObject({ code: 0 })

    // Edited so that it makes something else.
    await writeFile(file, (await readFile(file, 'utf8')).replace('"level" INTEGER', '"level" TEXT'))
    await bob.writeModels(models('level String?'))
    const taken = await bob.migrations('drift', '--take-back')
    expect(taken).toEqual({ code: 0, said: expect.stringContaining(settled.said) as string })
    expect(taken.said).toMatch(/^ALTER TABLE "talks" ALTER COLUMN "level" (SET DATA )?TYPE text/i)
    expect(await bob.prisma('migrate', 'dev')).toMatchObject({ code: 0 })

    // Deleted, and what it made holds something.
    const sql = await readFile(file, 'utf8')
    await bob.sql("UPDATE talks SET level = 'hard'")
    await rm(join(bob.migrationsFolder, name), { recursive: true })
    expect(await bob.migrations('drift', '--take-back')).toMatchObject({
      code: 1,
      said: expect.stringContaining('column talks.level: its values in 1 rows are gone') as string,
    })
    expect(await bob.migrations('drift', '--adopt', 'how_hard')).toMatchObject({ code: 0 })
    expect(await bob.prisma('migrate', 'dev')).toMatchObject({ code: 0 })
    expect(await bob.migrations('check')).toMatchObject({ code: 0 })
    expect(await bob.sql('SELECT title, level FROM talks')).toEqual([{ title: 'Kept', level: 'hard' }])
    const diagnosis = await bob.migrations('doctor', '--json')
    expect(diagnosis.said).not.toMatch(/edited-after-applied|record-without-file|"ahead"|"drift/)

    // What others have comes out of their commit.
    await bob.commit('How hard')
    await bob.git('push', '--quiet')
    const [adopted] = (await bob.sql('SELECT max(name) AS name FROM migration_lineage')).map((row) =>
      String(row['name']),
    )
    const itsFile = join(bob.migrationsFolder, adopted!, 'migration.sql')
    await writeFile(itsFile, sql.replace('TEXT', 'INTEGER'))
    const refused = await bob.migrations('drift', '--take-back')
    expect([refused.code, refused.said]).toEqual([
      1,
      expect.stringMatching(
        /has it\. Nothing was changed\.\nDo: git checkout \w+ -- prisma\/migrations\/\d+_how_hard$/,
      ),
    ])
    const [, ...words] = /Do: git (.*)$/.exec(refused.said)![1]!.split(' ')
    await bob.git('checkout', ...words)
    expect(await bob.migrations('drift')).toMatchObject({ code: 0 })
  },
)
