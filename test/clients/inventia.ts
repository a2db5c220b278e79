import { loadDemoIfEmpty } from '../../src/features/demo/demo-conference.ts'
import { importFile } from '../features/importing.ts'
import { createSession } from '../features/programme.ts'
import { frabJson, type InventedEvent } from '../interchange/frab-files.ts'
import { createWorld, type World } from '../world.ts'

/** What the operations ask about: the demo event, and one of three days with 120 sessions in four rooms. */
export interface Inventia {
  readonly world: World
  /** The id of an event, by its slug; of a session, by its title; of everything else, by its name. */
  idOf(kind: 'event' | 'session' | 'track' | 'room' | 'speaker', name: string): string
}

export const slug = 'inventia31'

/** An imported programme, as most events begin, with three submissions that nobody has decided about. */
export async function createInventia(): Promise<Inventia> {
  const world = await createWorld({ isNew: true })
  await loadDemoIfEmpty(world.operator)
  await importFile(world, frabJson(conference, days))
  for (const title of ['A first submission', 'A second submission', 'A third submission']) {
    await createSession(world, { slug }, { title, abstract: `${title}, in short.`, state: 'PENDING' })
  }
  const named = { event: 'slug', session: 'title', track: 'name', room: 'name', speaker: 'name' }
  const each = Object.entries(named).map(
    ([kind, name]) => `SELECT '${kind} ' || ${name} AS what, id FROM ${kind}s`,
  )
  const rows = await world.sql<{ what: string; id: string }>(each.join(' UNION ALL '))
  const ids = new Map(rows.map(({ what, id }) => [what, id]))
  return { world, idOf: (kind, name) => ids.get(`${kind} ${name}`)! }
}

const conference = {
  title: 'Inventia 2031',
  acronym: slug,
  start: '2031-05-01',
  end: '2031-05-03',
  time_zone_name: 'Europe/Berlin',
}

const topics = 'Clocks Zones Stamps Queries Indexes Migrations Schemas Caches Queues Locks Maps Trees'.split(
  ' ',
)
const angles = [
  'for beginners',
  'in practice',
  'the hard way',
  'without tears',
  'at scale',
  'under the hood',
  'and their enemies',
  'in ten rules',
  'a field guide',
  'revisited',
]
const rooms = ['Aula', 'Bridge', 'Cellar', 'Dome']
const tracks = ['Theory', 'Practice', 'People']

/** 'Clocks for beginners' is the first, at 10:00 in the Aula; forty a day, four at a time, every 45 minutes. */
const days = ['2031-05-01', '2031-05-02', '2031-05-03'].map((date, day) => ({
  date,
  events: Array.from({ length: 40 }, (_, place): InventedEvent => sessionAt(date, day * 40 + place, place)),
}))

function sessionAt(date: string, index: number, place: number): InventedEvent {
  const title = `${topics[index % topics.length]} ${angles[Math.floor(index / topics.length)]}`
  const minutes = 600 + 45 * Math.floor(place / rooms.length)
  const time = [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':')
  return {
    guid: `session-${index}`,
    title,
    abstract: `${title}, in short.`,
    date: `${date}T${time}:00+02:00`,
    duration: '00:30',
    language: index % 5 === 0 ? 'de' : 'en',
    type: 'lecture',
    room: rooms[index % rooms.length]!,
    track: tracks[index % tracks.length],
    persons: [speaker(index % 40), ...(index % 4 === 0 ? [speaker(40 + (index % 10))] : [])],
  }
}

function speaker(number: number): { id: number; name: string } {
  return { id: number, name: `Speaker ${String(number).padStart(2, '0')}` }
}
