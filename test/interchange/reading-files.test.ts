import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { readProgramme } from '../../src/interchange/read/read-programme.ts'
import { mendedXml } from '../../src/interchange/read/xml-mended.ts'
import { fileWith, folderWith } from './files.ts'
import { frabJson, frabXml } from './frab-files.ts'

const conference = { title: 'Äpfel & Birnen', acronym: 'fruit', start: '2031-05-01', end: '2031-05-02' }
const events = [{ id: 1, title: 'Über Zeit', date: '2031-05-01T10:00+02:00', duration: '1:00' }]
const xml = frabXml(conference, [{ date: '2031-05-01', events }])
const json = JSON.stringify(frabJson(conference, [{ date: '2031-05-01', events }]))

async function titles(content: string | Uint8Array | object, name?: string) {
  const { event, sessions } = await readProgramme(await fileWith(content, name))
  return [event.name, ...sessions!.map(({ values }) => values.title)]
}

async function refusal(content: string | Uint8Array | object, name = 'file'): Promise<string> {
  return titles(content, name).then(String, (error: Error) => error.message)
}

const known =
  'Known are Pentabarf/frab XML, schedule.json, iCalendar, the JSON of Sessionize (all data, the grid, or the sessions), ' +
  'and the JSON export of Open Event Server (its folder, or one file); each in a ZIP archive, too.'

const both = ['Äpfel & Birnen', 'Über Zeit']

test('the format is told by the content, whatever the name says', async () => {
  expect(await titles(xml, 'schedule.json')).toEqual(both)
  expect(await titles(json, 'schedule.xml')).toEqual(both)
  expect(await titles(`\n\n  ${json}`, 'x')).toEqual(both)
})

test('byte order marks and declared encodings are honoured', async () => {
  expect(await titles(`\uFEFF${xml}`)).toEqual(both)
  expect(await titles(`\uFEFF${json}`)).toEqual(both)
  expect(await titles(Buffer.from(`\uFEFF${json}`, 'utf16le'))).toEqual(both)
  const latin = xml.replace('UTF-8', 'ISO-8859-1')
  expect(await titles(Buffer.from(latin, 'latin1'))).toEqual(both)
})

test('bytes that are no text in the encoding are refused, with the line in which they stand', async () => {
  const lines = '<!-- ä -->\n'.repeat(20_000)
  const mixed = [`<schedule>\n${lines}<title>A `, 'Größe', `</title>\n${lines}</schedule>`]
  const encodings = ['utf8', 'latin1', 'utf8'] as const
  const bytes = Buffer.concat(mixed.map((part, at) => Buffer.from(part, encodings[at]!)))
  expect(await refusal(bytes)).toBe("file line 20002: isn't text in utf-8; save it as UTF-8.")
  expect(await refusal(Buffer.from('<schedule>\n<title>Größe', 'utf8').subarray(0, -2))).toMatch(
    /^file line 2:/,
  )
  expect(await refusal(xml.replace('UTF-8', 'klingon'))).toBe(
    'file: is in the unknown encoding "klingon"; save it as UTF-8.',
  )
})

test('an "&" that begins no entity is read as it stands and told, not blamed on a place far below', async () => {
  const written = 'R&D, AT&T & http://x.example/?a=1&lt=2&copy=3 &lt;b&gt; &#38; &amp;'
  const verbatim = '<!-- & --><![CDATA[R&D &amp; &#65; x]]]>'
  const file = frabXml(conference, [{ date: '2031-05-01', events }]).replace(
    'Über Zeit',
    `${written} ${verbatim}`,
  )
  const title = 'R&D, AT&T & http://x.example/?a=1&lt=2&copy=3 <b> & & R&D &amp; &#65; x]'
  const { sessions, told } = await readProgramme(await fileWith(file))
  expect(sessions!.map(({ values }) => values.title)).toEqual([title])
  expect(told.map(({ reason }) => reason)).toEqual(
    Array.from({ length: 5 }, () => 'read an "&" that begins no entity as it stands.'),
  )
})

test('XML is mended in the same way wherever it is cut into pieces', async () => {
  const dirty = '<a>R&D &#x1F;&amp;<!-- &#x1F; & --><![CDATA[& ]]]>&</a>'
  for (let cut = 0; cut <= dirty.length; cut += 1) {
    const pieces = ReadableStream.from([dirty.slice(0, cut), dirty.slice(cut)])
    let mended = ''
    for await (const piece of mendedXml(pieces, () => {})) mended += piece
    expect(mended).toBe('<a>R&amp;D &amp;<!-- &#x1F; & --><![CDATA[& ]]]>&amp;</a>')
  }
})

test('XML that is not well-formed is refused with line and column', async () => {
  expect(await refusal('<schedule>\n<conference>\n<title>A & B</title>')).toMatch(
    /^file line 3, column \d+: isn't well-formed XML: .+\.$/,
  )
  expect(await refusal('<schedule>\n<day>\n</schedule>')).toMatch(
    /^file line 3, column \d+: isn't well-formed XML: unexpected close tag/,
  )
  expect(await refusal('<schedule>\n<day date="2031-05-01">')).toMatch(
    /^file line 2, column \d+: isn't well-formed XML: unclosed tag/,
  )
  expect(await refusal('<schedule><day a="1" a="2"/></schedule>')).toMatch(/duplicate attribute/)
})

test('entities of its own are refused, so no file can grow into a bomb or read another file', async () => {
  const bomb =
    '<!DOCTYPE schedule [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>\n<schedule><x>&b;</x></schedule>'
  expect(await refusal(bomb)).toMatch(
    /^file line 1, column \d+: declares its own entities or elements, which is refused\.$/,
  )
  expect(await titles(xml.replace('<schedule>', '<!DOCTYPE schedule>\n<schedule>'))).toEqual(both)
})

test('XML of another kind is refused by its root', async () => {
  expect(await refusal('<?xml version="1.0"?>\n<rss><channel/></rss>')).toBe(
    `file line 2: the root element is <rss>, not <schedule>. ${known}`,
  )
})

test('JSON that is broken is refused with line and column', async () => {
  expect(await refusal('{"schedule": {\n  "conference": {"title": "A",}\n}}')).toBe(
    'file line 2, column 31: isn\'t JSON: unexpected "}".',
  )
  expect(await refusal('{"schedule": {\n"conference": {')).toMatch(
    /^file line 2, column \d+: isn't JSON: it ends too early\.$/,
  )
  expect(await refusal('{"schedule": {}} trailing')).toMatch(
    /^file line 1, column 18: isn't JSON: unexpected "t"\.$/,
  )
})

test('what can not be imported says what it seems to be', async () => {
  expect(await refusal('')).toBe(`file: is empty. ${known}`)
  expect(await refusal(gzipSync(xml))).toBe(`file: is compressed by gzip; unpack it first. ${known}`)
  expect(await refusal('<!DOCTYPE html>\n<html></html>')).toBe(`file: is an HTML page. ${known}`)
  expect(await refusal('title,start\nA,10:00')).toBe(`file: isn't a programme. ${known}`)
  expect(await refusal({ hello: 'world' })).toBe(
    `file: is JSON, but of an unknown kind (its keys are "hello"). ${known}`,
  )
  expect(await refusal([{ id: 1 }])).toBe(
    'file: is one list; where it is part of an Open Event export, name the folder instead, and of Sessionize take all data.',
  )
})

test('a path that is nothing, and a folder without an export, say so', async () => {
  const folder = await folderWith({ 'schedule.xml': xml })
  await expect(readProgramme(`${folder}/nothing`)).rejects.toThrow(
    'is neither a file nor a folder that can be read.',
  )
  await expect(readProgramme(folder)).rejects.toThrow(
    'has no event.json, so it is no Open Event export; for other formats, name the file.',
  )
})

test.for([
  [
    'a reference to a control character',
    'Über Zeit',
    'Über &#x1F;Zeit',
    'left out the control character &#x1F;.',
  ],
  ['a control character', 'Über Zeit', 'Über \u0001Zeit', 'left out the control character U+0001.'],
  ['one that XML may hold', 'Über Zeit', 'Über \u0081Zeit', 'left out the control character U+0081.'],
  ['blanks before the declaration', '<?xml', '\n <?xml', 'left out the blanks before the XML declaration.'],
] as const)(
  'XML with %s is read as if it were not there, and it is told',
  async ([, plain, dirty, reason]) => {
    const { sessions, told } = await readProgramme(await fileWith(xml.replace(plain, dirty)))
    expect(sessions!.map(({ values }) => values.title)).toEqual(['Über Zeit'])
    expect(told.map((one) => one.reason)).toEqual([reason])
  },
)

test.for([
  ['a vertical tab', 'Zeit\u000BRaum', 'Zeit Raum', 'read the control character U+000B as a blank.'],
  [
    'a reference to a form feed',
    'Zeit&#12;Raum',
    'Zeit Raum',
    'read the control character &#12; as a blank.',
  ],
  [
    "a byte of Windows-1252 that was taken for Latin-1's",
    'Don\u0092t',
    'Don’t',
    'read the control character U+0092 as "’".',
  ],
  [
    'a character that was lost',
    'Gr\uFFFD\uFFFDe',
    'Gr\uFFFD\uFFFDe',
    'holds U+FFFD, which stands where a character was lost.',
  ],
  ['an entity of HTML', 'Caf&eacute;', 'Café', 'read &eacute; as HTML does.'],
  ['an entity of HTML that begins another one', 'R&AMP;amp;D', 'R&amp;D', 'read &AMP; as HTML does.'],
  [
    'an entity that nobody knows',
    'R &und; D',
    'R &und; D',
    'read &und;, which no entity is called, as it stands.',
  ],
] as const)(
  'words of XML with %s stay as they were meant, and it is told',
  async ([, written, read, reason]) => {
    const { sessions, told } = await readProgramme(await fileWith(xml.replace('Über Zeit', written)))
    expect(sessions!.map(({ values }) => values.title)).toEqual([read])
    expect(told.map((one) => one.reason)).toEqual([reason])
  },
)

test('what is no session, no list or nobody in a schedule.json is left out and told, not lost without a word', async () => {
  const [event] = events
  const others = [
    { ...event, id: 2, persons: 'Ann, Bob' },
    null,
    'Lunch',
    { ...event, id: 3, persons: [{ id: 7 }, { id: 8, public_name: 'Ann' }, null], links: { a: 'b' } },
  ]
  const file = {
    schedule: { conference: { ...conference, days: [{ date: '2031-05-01', rooms: { Hall: others } }] } },
  }
  const { sessions, speakers, told } = await readProgramme(await fileWith(file))
  expect(sessions!.map(({ sourceId }) => sourceId)).toEqual(['2', '3'])
  expect(speakers!.map(({ values }) => values.name)).toEqual(['Ann'])
  expect(told.map(({ place, reason }) => `${place.replace(/.*Hall/, '')} ${reason}`)).toEqual([
    '[0] has "persons" that is no list. It was left out.',
    '[1] is no object, as a session is. It was left out.',
    '[2] is no object, as a session is. It was left out.',
    '[3] has "links" that is no list. It was left out.',
    '[3] has a person without a name, whom the file names nowhere else. It was left out.',
  ])
})

test('half a character in JSON is told where it is lost', async () => {
  const { sessions, told } = await readProgramme(
    await fileWith(json.replace('Über Zeit', String.raw`Zeit \ud83d`)),
  )
  expect(sessions!.map(({ values }) => values.title)).toEqual(['Zeit \uFFFD'])
  expect(told.map(({ reason }) => reason)).toEqual(['holds U+FFFD, which stands where a character was lost.'])
})

test('UTF-16 is told by its first bytes where it has no mark, so that no letter becomes another', async () => {
  const polish = [
    ['Über Zeit', 'Michał'],
    ['UTF-8', 'UTF-16'],
  ] as const
  const utf16 = polish.reduce((text, [from, to]) => text.replace(from, to), xml)
  const swapped = Buffer.from(utf16, 'utf16le').swap16()
  expect(await titles(Buffer.from(utf16, 'utf16le'))).toEqual(['Äpfel & Birnen', 'Michał'])
  expect(await titles(swapped)).toEqual(['Äpfel & Birnen', 'Michał'])
  expect(await titles(Buffer.from(json, 'utf16le'))).toEqual(both)
})

test('a file that says it is UTF-16 and is not is read as UTF-8, and that is told', async () => {
  const { sessions, told } = await readProgramme(await fileWith(xml.replace('UTF-8', 'utf-16')))
  expect(sessions!.map(({ values }) => values.title)).toEqual(['Über Zeit'])
  expect(told.map(({ reason }) => reason)).toContain('read as UTF-8, although it says that it is utf-16.')
})

test('a reference to a control character is found wherever the file is cut into pieces', async () => {
  const dirty = xml.replace('Zeit', '&#x1F;Zeit')
  const before = dirty.slice(0, dirty.indexOf('&#x1F;'))
  for (const fromReference of [1, 2, 3, 4, 5]) {
    // Files are read in pieces of 64 KiB.
    const padding = ' '.repeat(64 * 1024 - Buffer.byteLength(before) - '<!---->'.length - fromReference)
    expect(await titles(dirty.replace('<schedule>', `<!--${padding}--><schedule>`))).toEqual(both)
  }
})

test('control characters, which nobody sees, are left out, and a title is one line', async () => {
  const dirty = { ...events[0]!, title: ' Über\n   Zeit\u0000\u007F ', abstract: 'a\u0007b\r\n\tc' }
  const { sessions, told } = await readProgramme(
    await fileWith(frabJson(conference, [{ date: '2031-05-01', events: [dirty] }])),
  )
  expect(told.map(({ reason }) => reason)).toEqual(
    ['U+0000', 'U+007F', 'U+0007'].map((name) => `left out the control character ${name}.`),
  )
  expect(sessions![0]!.values).toEqual({
    title: 'Über Zeit',
    abstract: 'ab\r\n\tc',
    textFormat: 'MARKDOWN',
  })
})

test('reading is told of by bytes', async () => {
  const seen: number[] = []
  await readProgramme(await fileWith(json), (bytes) => seen.push(bytes))
  expect(seen.at(-1)).toBe(Buffer.byteLength(json))
})
