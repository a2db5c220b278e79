import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { expect, test } from 'vitest'
import { query } from '../connection.ts'
import { fileWith, folderWith } from '../interchange/files.ts'
import { frabXml } from '../interchange/frab-files.ts'
import { cloneDatabase } from '../clones.ts'
import { runCommand } from './run-command.ts'

const conference = { title: 'Inventia 2031', start: '2031-05-01', end: '2031-05-02' }
const events = [
  { id: 1, title: 'Opening', start: '10:00', duration: '00:30' },
  { id: 2, title: 'Nothing', start: 'soon', duration: '00:30' },
]
const programme = frabXml(conference, [{ date: '2031-05-01', events }])

/** Runs the command as a user would, on a database of the test's own. */
async function command() {
  const databaseUrl = await cloneDatabase()
  const run = (...args: string[]) => runCommand('import', args, { DATABASE_URL: databaseUrl })
  const titles = async () => {
    const rows = await query<{ title: string }>(databaseUrl, 'SELECT title FROM sessions ORDER BY title')
    return rows.map(({ title }) => title)
  }
  return { run, titles, sql: (text: string) => query(databaseUrl, text) }
}

test('imports, says on standard error how far it is, and ends with a table on standard output', async () => {
  const { run, titles } = await command()
  const file = await fileWith(programme)
  const given = [file, '--time-zone', 'Europe/Berlin', '--skip-invalid']

  const rehearsal = await run(...given, '--dry-run')
  expect(rehearsal.code).toBe(0)
  expect(rehearsal.out).toContain('Inventia 2031 (inventia-2031, Europe/Berlin): would be created')
  expect(rehearsal.out).toContain('This was a dry run: nothing was written.')
  const size = `${Buffer.byteLength(programme)} bytes`
  expect(rehearsal.problems).toBe(`reading: ${size}\ncomparing\nrehearsing sessions: 1 of 1\n`)
  expect(await titles()).toEqual([])

  const { code, out, problems } = await run(...given)
  const line = programme.slice(0, programme.indexOf('<event id="2"')).split('\n').length
  expect(out).toBe(`Inventia 2031 (inventia-2031, Europe/Berlin): created

                 created    changed  unchanged    removed    skipped
event                  1          0          0          0          0
sessions               1          0          0          0          1
speakers               0          0          0          0          0
rooms                  1          0          0          0          0
tracks                 0          0          0          0          0
session types          0          0          0          0          0

Event:
  created    "Inventia 2031" (inventia-2031)
    slug: "inventia-2031"; state: "PUBLISHED"; name: "Inventia 2031"; timeZone: "Europe/Berlin"; startsAt: 2031-05-01 00:00; endsAt: 2031-05-03 00:00

Sessions:
  created    "Opening" (1)
    title: "Opening"; startsAt: 2031-05-01 10:00; endsAt: 2031-05-01 10:30; room: "Hall"

Rooms:
  created    "Hall"

Skipped:
  line ${line}: start: "soon" isn't a time of day such as 09:30.
`)
  expect(problems).toBe(`reading: ${size}\ncomparing\nwriting sessions: 1 of 1\n`)
  expect(code).toBe(0)
  expect(await titles()).toEqual(['Opening'])
})

test('faults go to standard error with their places, and the exit code is 1', async () => {
  const { run, titles } = await command()
  const file = await fileWith(programme)
  const zoneless = await run(file)
  expect([zoneless.code, zoneless.out]).toEqual([1, ''])
  expect(zoneless.problems).toMatch(/line 3: has wall-clock times without a zone .* --time-zone ZONE/)
  const faulty = await run(file, '--time-zone', 'UTC')
  expect([faulty.code, faulty.out]).toEqual([1, ''])
  expect(faulty.problems).toMatch(/line \d+: start: .*\nNothing was imported\. .* --skip-invalid\.\n$/)
  const broken = await run(await fileWith('<schedule>\n<day>', 'broken.xml'))
  expect([broken.code, broken.problems]).toEqual([
    1,
    expect.stringMatching(/broken\.xml line 2, column \d+: isn't well-formed XML/),
  ])
  expect(await titles()).toEqual([])
})

test('a pipe or a device, which may never end, is refused with what to do instead', async () => {
  const { run, titles } = await command()
  const pipe = path.join(await folderWith({}), 'schedule.xml')
  execFileSync('mkfifo', [pipe])
  for (const file of [pipe, '/dev/zero']) {
    const { code, problems } = await run(file, '--time-zone', 'UTC')
    const advice = 'is no file that can be read more than once. Save what it gives, and import that.'
    expect([code, problems]).toEqual([1, `${file}: ${advice}\n`])
  }
  expect(await titles()).toEqual([])
})

test('the headline says of the whole programme what the table says of its parts', async () => {
  const { run } = await command()
  const file = await fileWith(programme)
  const given = ['--time-zone', 'UTC', '--skip-invalid']
  const headline = async (content: string, ...more: string[]) =>
    (await run(await fileWith(content), ...given, ...more)).out.split('\n')[0]
  await run(file, ...given)
  const later = programme.replace('Opening', 'Welcome')
  const head = 'Inventia 2031 (inventia-2031, UTC):'
  expect(await headline(later, '--dry-run')).toBe(`${head} would be changed`)
  expect(await headline(programme, '--dry-run')).toBe(`${head} would be unchanged`)
  expect(await headline(later)).toBe(`${head} changed`)
})

test('a report as JSON tells, for each value that both changed, what it was, is here and is in the source', async () => {
  const { run, sql } = await command()
  const given = ['--time-zone', 'UTC', '--skip-invalid']
  await run(await fileWith(programme), ...given)
  await sql(`UPDATE sessions SET title = 'Ours'`)
  const later = await fileWith(programme.replace('Opening', 'Theirs'))
  const table = await run(later, ...given, '--dry-run')
  const line = 'title: changed on both sides: was "Opening", here "Ours", in the source "Theirs"; taken: ours'
  expect(table.out).toContain(`\nSessions:\n  unchanged  "Ours" (1)\n    ${line}\n`)
  const { code, out } = await run(later, ...given, '--dry-run', '--json', '--prefer', 'theirs')
  expect([code, JSON.parse(out)]).toMatchObject([
    0,
    {
      ...{ source: 'main', isDryRun: true, counts: { sessions: { changed: 1 } } },
      rows: [
        {
          ...{ kind: 'sessions', sourceId: '1', name: 'Ours', outcome: 'changed' },
          changes: [{ field: 'title', before: 'Ours', after: 'Theirs' }],
          conflicts: [{ field: 'title', base: 'Opening', ours: 'Ours', theirs: 'Theirs', taken: 'theirs' }],
        },
      ],
    },
  ])
})

test('a file that lacks what earlier ones brought is refused, until that is allowed', async () => {
  const { run, titles } = await command()
  const given = ['--time-zone', 'UTC', '--skip-invalid']
  await run(await fileWith(programme), ...given)
  const empty = await fileWith(frabXml(conference, []), 'empty.xml')
  const refused = await run(empty, ...given)
  expect([refused.code, refused.out]).toEqual([1, ''])
  expect(refused.problems).toMatch(
    /^line 3: lacks 1 of the 1 sessions .* --allow-removals.*\nNothing was imported/m,
  )
  expect(await titles()).toEqual(['Opening'])
  const allowed = await run(empty, ...given, '--allow-removals')
  expect([allowed.code, allowed.out]).toEqual([
    0,
    expect.stringContaining('No session was found in the file.'),
  ])
})

test('wrong usage is refused with the exit code 2, a mistyped option above all', async () => {
  const { run } = await command()
  const file = await fileWith(programme)
  const usages = [
    [],
    [file, file],
    [file, '--dryrun'],
    [file, '--time-zone', 'US / Eastern'],
    [file, '--event', 'No Slug'],
    [file, '--prefer', 'mine'],
  ]
  const results = await Promise.all(usages.map((args) => run(...args)))
  expect(results.map(({ code, out, problems }) => [code, out, problems.split('\n').at(-2)])).toEqual([
    [2, '', 'Name one file or folder: npm run import -- FILE_OR_FOLDER; --help tells more.'],
    [2, '', 'Name one file or folder: npm run import -- FILE_OR_FOLDER; --help tells more.'],
    [2, '', 'There is no option --dryrun; --help lists them.'],
    [2, '', '"US / Eastern" isn\'t an IANA time zone such as America/New_York.'],
    [2, '', '"No Slug" isn\'t a slug: lower-case letters, digits and single hyphens.'],
    [2, '', '--prefer takes ours or theirs, not "mine".'],
  ])
})
