/** What a session may hold, as PostgreSQL takes it from anybody who writes to its tables. */
export interface Hostile {
  readonly title?: string
  readonly text?: string
  readonly language?: string
  readonly slidesUrl?: string
  /** The page that the session has elsewhere. */
  readonly pageUrl?: string
  readonly startsAt?: string | null
  readonly endsAt?: string | null
  readonly room?: string | null
  readonly speakers?: readonly string[]
}

const emoji = '\u{1F570}\uFE0F'

/** The sessions by what is hostile about them. Berlin's clocks are changed on 28 March and on 31 October 2027. */
export const hostileSessions: Readonly<Record<string, Hostile>> = {
  controls: { title: 'a\u0001b\u0007c\u001B[31md\u007Fe\u0085f\u009Bg', text: 'a\u0008\u000B\u000Cz' },
  'no characters of XML': { title: 'a\uFFFEb\uFFFFc\u{1FFFE}d', text: '\uFFFF' },
  'marks of direction': { title: '\u202Edrow \u2066open', text: '\u202E'.repeat(200) },
  'nothing that shows': { title: '\u200B', text: '\u200B' },
  'a very long line': { title: `x${'y'.repeat(499)}`, text: `${'ü'.repeat(50_000)}${emoji.repeat(20_000)}` },
  'very long words of combining marks': {
    title: `e${'\u0301'.repeat(400)}`,
    text: `e${'\u0301'.repeat(20_000)}`,
  },
  'ends of CDATA and comments': { title: ']]> <![CDATA[ --> <!-- &amp; &#0; &nope;', text: ']]>'.repeat(50) },
  'ends of scripts': { title: '</title></script><script>alert(1)</script>', text: '</description></event>' },
  'line breaks': {
    title: 'one\r\ntwo\rthree\nfour\u2028five\u2029six',
    text: 'one\r\n\r\ntwo\rthree\u2028four',
  },
  'an entry in a title': {
    title: 'x\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nSUMMARY:y',
    text: 'x\nDTSTART:20270101T000000Z',
  },
  'characters of calendars': { title: '\\n \\; \\, "a;b:c,d" ^n ^\' ^^', text: 'BEGIN:VALARM' },
  'blanks at the ends': { title: '  x\t', text: '\n x \n' },
  'a language with quotes': { language: 'de";X=1:y\r\nz' },
  'addresses with what others stumble over': {
    slidesUrl: 'https://example.org/ü/a,b;c"d?e=%20&f=[1]|\\#^`{}',
    pageUrl: 'https://bücher.example/ü/a,b;c"d?e=%20&f=[1]|\\#^`{}',
  },
  'quotes and commas': { title: '"a","b"', text: 'a "b", c\r\n"d"' },
  'a formula': { title: '=HYPERLINK("http://example.org","x")', text: '=1+1' },
  'a formula with a plus': { title: '+1', text: '+1' },
  'a formula with a minus': { title: '-1', text: '-1' },
  'a formula with an at': { title: '@SUM(A1)', text: '@SUM(A1)' },
  'a formula behind a tab': { title: '\t=1', text: '\t=1' },
  'a formula behind a line break': { title: '\n=1', text: '\r\n=1' },
  'a formula in full width': { title: '＝1', text: '＋1' },
  'no end': { endsAt: null },
  'no room': { room: null },
  'nobody who speaks': { speakers: [] },
  'no time': { startsAt: null, endsAt: null },
  'names of people and rooms': {
    room: 'Hall "1", <2>; 3\r\n4',
    speakers: ['A, B; C', '"D" <d@example.org>', '=1', 'E\r\nF', '\u202Eg'],
  },
  'fifty who speak': { speakers: Array.from({ length: 50 }, (_, n) => `Person ${n}`) },
  'across midnight': { startsAt: '2027-03-27T22:30:00Z', endsAt: '2027-03-28T00:30:00Z' },
  'over a clock change in spring': { startsAt: '2027-03-28T00:30:00Z', endsAt: '2027-03-28T01:30:00Z' },
  'over a clock change in autumn': { startsAt: '2027-10-31T00:30:00Z', endsAt: '2027-10-31T01:30:00Z' },
  'in the hour that comes twice': { startsAt: '2027-10-31T01:00:00Z', endsAt: '2027-10-31T01:15:00Z' },
  'a millisecond long': { startsAt: '2027-03-27T10:00:00.000Z', endsAt: '2027-03-27T10:00:00.001Z' },
  milliseconds: { startsAt: '2027-03-27T10:00:00.999Z', endsAt: '2027-03-27T10:30:00.001Z' },
  'a hundred days long': { startsAt: '2027-03-27T10:00:00Z', endsAt: '2027-07-05T10:00:00Z' },
  'the first instant': { startsAt: '1900-01-01T00:00:00Z', endsAt: '1900-01-01T01:00:00Z' },
  'the last instant': { startsAt: '2200-12-31T23:00:00Z', endsAt: '2200-12-31T23:59:59.999Z' },
}
