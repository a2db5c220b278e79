import { describe, expect, onTestFinished, test } from 'vitest'
import { migrationsFolder } from '../../src/config.ts'
import { findBrokenDowns } from '../../src/schema-evolution/undo/broken-downs.ts'
import { serverPostgresPrograms, startServerPostgres } from '../server-postgres.ts'
import { emptyDatabase } from '../clones.ts'
import { createMigrationsProject, type MigrationsProject } from './migrations-project.ts'
import { watchShadows } from '../schema-evolution/shadows-left.ts'

const talks = '20261101000000_talks'
const rooms = '20261102000000_rooms'

const lineage = (name: string, parent: string) =>
  `INSERT INTO migration_lineage (name, parent) VALUES ('${name}', '${parent}');`

/** Two migrations with their lineage; the second adds a table and a column, by whose `down.sql` it can be taken back. */
async function createProject(
  down: string | null = 'DROP TABLE rooms;\nALTER TABLE talks DROP COLUMN room;',
  url?: string,
): Promise<{ project: MigrationsProject; databaseUrl: string }> {
  const databaseUrl = url ?? (await emptyDatabase())
  const project = await createMigrationsProject(databaseUrl)
  await project.write(
    talks,
    `CREATE TABLE "migration_lineage" (name text PRIMARY KEY, parent text UNIQUE);
CREATE TABLE talks (id int PRIMARY KEY, title text);
${lineage(talks, '-')}`,
  )
  await project.write(
    rooms,
    `CREATE TABLE rooms (name text);
ALTER TABLE talks ADD COLUMN room text;
${lineage(rooms, talks)}`,
  )
  if (down !== null) await project.write(rooms, down, 'down.sql')
  expect(await project.run('deploy')).toMatchObject({ code: 0 })
  return { project, databaseUrl }
}

/** That a refusal left everything as it was. */
async function expectUntouched(project: MigrationsProject): Promise<void> {
  expect(await project.applied()).toEqual([talks, rooms])
  expect(await project.sql('SELECT name FROM migration_lineage ORDER BY 1')).toHaveLength(2)
  expect(await project.sql('SELECT room FROM talks, rooms WHERE false')).toEqual([])
}

describe('migrations -- undo', { timeout: 600_000 }, () => {
  test('takes the newest back with its records, and deploy applies it anew', async () => {
    const { project } = await createProject()
    await project.sql("INSERT INTO talks (id, title) VALUES (1, 'stays')")
    expect(await project.run('undo', rooms)).toEqual({
      code: 0,
      out: `Taken back: ${rooms}. A server of this build doesn't serve before it is applied again.\n`,
      err: '',
    })
    expect(await project.applied()).toEqual([talks])
    expect(await project.sql('SELECT name FROM migration_lineage')).toEqual([{ name: talks }])
    expect(await project.sql('SELECT * FROM talks')).toEqual([{ id: 1, title: 'stays' }])
    expect(await project.run('deploy')).toMatchObject({
      code: 0,
      out: expect.stringContaining('Applied: 1.'),
    })
    await expectUntouched(project)
  })

  test.for([
    ['the embedded PostgreSQL', true],
    // Where no server PostgreSQL is installed, this is reported as skipped.
    ['a server PostgreSQL, in a schema of its own', false],
  ] as const)(
    'says which rows it costs, and does it only where it is meant, on %s',
    async ([, isEmbedded], { skip }) => {
      skip(!isEmbedded && serverPostgresPrograms() === null)
      const server = isEmbedded ? null : await startServerPostgres()
      onTestFinished(async () => server?.stop())
      const { project } = await createProject(
        `DELETE FROM talks WHERE id = 2;
UPDATE talks SET title = 'x' WHERE id = 1;
DROP TABLE rooms;
ALTER TABLE talks DROP COLUMN room;`,
        server === null ? undefined : `${server.url}?schema=undone`,
      )
      await project.sql(
        `INSERT INTO talks VALUES (1, 'one', 'A'), (2, 'two', NULL); INSERT INTO rooms VALUES ('A'), ('B')`,
      )
      const asked = await project.run('undo', rooms)
      expect(asked).toEqual({
        code: 4,
        out: `Taking back ${rooms} costs rows:
  table rooms: 2 rows are gone
  column talks.room: its values in 1 rows are gone
  table talks: 1 rows are deleted
  table talks: 1 rows are changed
`,
        err: 'Nothing was done. Add --yes to do it.\n',
      })
      await expectUntouched(project)
      expect(await project.sql('SELECT title FROM talks ORDER BY 1')).toEqual([
        { title: 'one' },
        { title: 'two' },
      ])
      expect(await project.run('undo', rooms, '--yes')).toMatchObject({ code: 0 })
      expect(await project.sql('SELECT * FROM talks')).toEqual([{ id: 1, title: 'x' }])
    },
  )

  test.each([
    ['forgets something', 'DROP TABLE rooms;', '(not ours: column talks.room)'],
    [
      'does too much',
      'DROP TABLE rooms; ALTER TABLE talks DROP COLUMN room, DROP COLUMN title;',
      '(missing: column talks.title)',
    ],
    ['fails', 'DROP TABLE rooms;\nDROP TABLE nothing;', 'ERROR: table "nothing" does not exist'],
    ['commits in its midst', 'DROP TABLE rooms; COMMIT; DROP TABLE talks;', "isn't one transaction"],
  ])('changes nothing where the down.sql %s', async (_what, down, reason) => {
    const expectNoShadowsLeft = await watchShadows()
    const { project, databaseUrl } = await createProject(down)
    const refused = await project.run('undo', rooms, '--yes')
    expect(refused.code).toBe(1)
    expect(refused.err).toContain(`prisma/migrations/${rooms}/down.sql`)
    expect(refused.err).toContain(reason)
    await expectUntouched(project)
    // The same is found without a database that has it.
    const folder = `${project.folder}/prisma/migrations`
    expect(await findBrokenDowns({ url: databaseUrl, migrationsFolder: folder })).toEqual([
      {
        severity: 'error',
        code: 'down-restores-not',
        message: expect.stringContaining(reason),
        migrations: [rooms],
        remedy: `edit prisma/migrations/${rooms}/down.sql`,
      },
    ])
    await expectNoShadowsLeft()
  })

  test('changes nothing where the schema was changed by hand', async () => {
    const { project } = await createProject()
    await project.sql('CREATE INDEX by_hand ON talks (title)')
    expect(await project.run('undo', rooms)).toMatchObject({
      code: 1,
      err: expect.stringContaining('(not ours: index by_hand)'),
    })
    await expectUntouched(project)
  })

  test('refuses any other than the newest that is applied, and one that nobody said how to take back', async () => {
    const { project } = await createProject(null)
    expect(await project.run('undo', talks)).toMatchObject({
      code: 1,
      err: `${talks} isn't the newest: ${rooms} came after it. Take those back first: npm run migrations -- undo ${rooms}\n`,
    })
    expect(await project.run('undo', 'nothing')).toMatchObject({
      code: 1,
      err: `nothing isn't applied to this database; the newest that is: ${rooms}.\n`,
    })
    expect(await project.run('undo', rooms)).toMatchObject({
      code: 1,
      err: expect.stringContaining(`There is no prisma/migrations/${rooms}/down.sql`),
    })
    expect(await project.run('undo', rooms, '--force')).toMatchObject({ code: 2 })
    expect(await project.run('undo')).toMatchObject({ code: 2 })
    await expectUntouched(project)
  })
})

test('each down.sql of this project makes what was there before its migration', async () => {
  expect(await findBrokenDowns({ url: await emptyDatabase(), migrationsFolder })).toEqual([])
})
