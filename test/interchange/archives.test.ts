import { buffer } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { ZipFile } from 'yazl'
import { readProgramme } from '../../src/interchange/read/read-programme.ts'
import { fileWith } from './files.ts'
import { frabXml } from './frab-files.ts'

const event = { id: 1, name: 'Inventia', timezone: 'Europe/Berlin', starts_at: '2031-05-01T09:00:00+02:00' }
const sessions = [{ id: 7, title: 'Of clocks', track_id: 3, microlocation_id: 4, session_type_id: 5 }]
const parts = {
  tracks: [{ id: 3, name: 'Time' }],
  microlocations: [{ id: 4, name: 'Hall' }],
  session_types: [{ id: 5, name: 'Talk', length: '00:25' }],
}

/** An archive of these files: texts, or JSON of what else there is. */
async function packed(files: Readonly<Record<string, unknown>>): Promise<Buffer> {
  const archive = new ZipFile()
  for (const [name, content] of Object.entries(files)) {
    const bytes = Buffer.from(typeof content === 'string' ? content : JSON.stringify(content))
    archive.addBuffer(bytes, name, { compress: bytes.length > 0 })
  }
  archive.end()
  return buffer(archive.outputStream)
}

/** What is read of it: each session with what it refers to. */
async function gist(bytes: Uint8Array) {
  const found = await readProgramme(await fileWith(bytes, 'export.zip'))
  const refers = found.sessions?.map(({ values, track, room, sessionType }) =>
    [values.title, ...[track, room, sessionType].map((part) => part?.values.name)].join(', '),
  )
  return [found.format, found.event.name, ...(refers ?? []), ...found.told.map(({ reason }) => reason)]
}

const refusal = (bytes: Uint8Array) => gist(bytes).then(String, (error: Error) => error.message)

const whole = ['Open Event JSON', 'Inventia', 'Of clocks, Time, Hall, Talk']

test('an archive is read as its folder: with endings or without, packed with its folder, beside pictures', async () => {
  expect(await gist(await packed({ event, sessions, ...parts }))).toEqual(whole)
  const inFolder = {
    ...{ 'event275/event.json': event, 'event275/sessions.json': sessions, 'event275/images/logo.png': '' },
    ...{ 'event275/tracks.json': parts.tracks, 'event275/microlocations.json': parts.microlocations },
    ...{ 'event275/session_types.json': parts.session_types, '__MACOSX/event275/._event.json': 'x' },
    'event275/meta': { root_url: 'https://example.org' },
  }
  expect(await gist(await packed(inFolder))).toEqual(whole)
})

test('an archive that holds no export, or is no archive, is refused in words', async () => {
  const notes = Object.fromEntries(['a.md', 'b.json', 'c.json', 'd.pdf'].map((name) => [name, '{"x": 1}']))
  expect(await refusal(await packed(notes))).toMatch(
    /^export\.zip: has no programme in it, just a\.md, b\.json, c\.json and 1 more\. Known are /,
  )
  const workbook = {
    '[Content_Types].xml': '<?xml version="1.0"?><Types/>',
    'xl/workbook.xml': '<workbook/>',
  }
  expect(await refusal(await packed(workbook))).toMatch(
    /^export\.zip: has no programme in it, just \[Content_/,
  )
  expect(await refusal(await packed({ 'a.json': '{"x": 1}' }))).toMatch(
    /^a\.json: is JSON, but of an unknown kind \(its keys are "x"\)\. Known are /,
  )
  expect(await refusal(await packed({}))).toMatch(/^export\.zip: is a ZIP archive without files\. Known are /)
  expect(await refusal(await packed({ event: '{"id": 1,}' }))).toMatch(
    /^event line 1, column \d+: isn't JSON/,
  )
  const bytes = await packed({ event, sessions, ...parts })
  expect(await refusal(bytes.subarray(0, 100))).toMatch(/^export\.zip: can't be unpacked: .*\.$/)
  const damaged = Buffer.from(bytes)
  damaged.fill(0xff, 40, 60)
  expect(await refusal(damaged)).toMatch(
    /^export\.zip: can't be unpacked|^export\.zip event: can't be unpacked/,
  )
  // The bit that says that the first file is encrypted, in the directory.
  const locked = Buffer.from(bytes)
  locked[bytes.indexOf('PK\u0001\u0002', 0, 'latin1') + 8]! |= 1
  expect(await refusal(locked)).toMatch(/^export\.zip event: can't be unpacked: .*encrypted.*\.$/)
})

const schedule = frabXml({ title: 'Inventia', start: '2031-05-01', end: '2031-05-02' }, [
  { date: '2031-05-01', events: [{ id: 7, title: 'Of clocks', date: '2031-05-01T09:00:00+02:00' }] },
])

test('a programme of another format is read out of an archive, and what is beside it is told', async () => {
  const read = ['Pentabarf or frab XML', 'Inventia', 'Of clocks, , Hall, ']
  expect(await gist(await packed({ 'export/schedule.xml': schedule, '__MACOSX/schedule.xml': 'x' }))).toEqual(
    read,
  )
  const beside = { 'schedule.xml': schedule, 'meta.xml': '<meta/>', 'config.json': { a: 1 } }
  expect(await gist(await packed(beside))).toEqual([
    ...read,
    'was read out of export.zip, and meta.xml, config.json beside it was not.',
  ])
})

test('an archive of several programmes is refused with their names, instead of one being taken', async () => {
  expect(await refusal(await packed({ 'a/schedule.xml': schedule, 'b.xml': schedule }))).toBe(
    'export.zip: has several programmes in it: a/schedule.xml, b.xml. Unpack it and import one of them.',
  )
  expect(await refusal(await packed({ 'one/event.json': event, 'two/event.json': event }))).toBe(
    'export.zip: has several Open Event exports in it: one, two. Unpack it and import one of the folders.',
  )
})

test('an archive that would unpack to too much is refused before anything of it is read', async () => {
  const zeros = ' '.repeat(40_000_000)
  const bomb = await packed({ event: { ...event, description: zeros }, sessions: zeros })
  expect(bomb.length).toBeLessThan(200_000)
  expect(await refusal(bomb)).toBe(
    'export.zip: is a ZIP archive whose programme has more than 67,108,864 bytes once unpacked.',
  )
  // The directory says that it is small, and it isn't.
  const liar = Buffer.from(bomb)
  liar.writeUInt32LE(100, bomb.indexOf('PK\u0001\u0002', 0, 'latin1') + 24)
  expect(await refusal(liar)).toMatch(/^export\.zip event: can't be unpacked: too many bytes in the stream/)
  const many = await packed({
    event,
    ...Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`images/${n}`, ''])),
  })
  expect(await refusal(many)).toBe('export.zip: is a ZIP archive of 10,001 files, more than 10,000.')
})

test('an archive with names that lead out of it is refused', async () => {
  const bytes = await packed({ event, 'xx/yy/zzzz': 'x' })
  for (const name of ['../yy/zzzz', '/x/yy/zzzz', 'C:/yy/zzzz']) {
    const evil = Buffer.from(bytes.toString('latin1').replaceAll('xx/yy/zzzz', name), 'latin1')
    expect(await refusal(evil)).toMatch(
      /^export\.zip: can't be unpacked: (invalid relative|absolute) path: .*\.$/,
    )
  }
})
