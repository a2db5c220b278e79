import { type Context, inTransaction } from '../../context.ts'
import { valid } from '../../input.ts'
import { createEvent } from '../event/event.ts'
import { createSession, type NewSession } from '../session/session.ts'
import { people, programme, places, themes, types } from './demo-programme.ts'

/** Loads the invented demo event where there is no event at all. @returns whether it did */
export async function loadDemoIfEmpty(ctx: Context): Promise<boolean> {
  return inTransaction(ctx, async (tx) => {
    if ((await tx.db.event.count()) > 0) return false
    await loadDemo(tx)
    return true
  })
}

async function loadDemo(tx: Context): Promise<void> {
  const event = await createEvent(tx, valid({ ...demoEvent, description: demoDescription }), { id: true })
  const own = <Row extends object>(rows: readonly Row[]) =>
    rows.map((row, position) => ({ ...row, position, eventId: event.id }))
  const select = { id: true, name: true }
  const trackIds = idsByName(await tx.db.track.createManyAndReturn({ data: own(themes), select }))
  const roomIds = idsByName(await tx.db.room.createManyAndReturn({ data: own(places), select }))
  const typeIds = idsByName(await tx.db.sessionType.createManyAndReturn({ data: own(types), select }))
  const speakers = people.map((person) => ({ ...person, eventId: event.id }))
  const speakerIds = idsByName(await tx.db.speaker.createManyAndReturn({ data: speakers, select }))
  for (const entry of programme) {
    const { track, room, type, by, from, to, ...texts } = entry
    const session: NewSession = {
      ...texts,
      language: 'en',
      trackId: trackIds.get(track) ?? null,
      roomId: room === null ? null : (roomIds.get(room) ?? null),
      sessionTypeId: typeIds.get(type) ?? null,
      speakerIds: by.map((name) => speakerIds.get(name)!),
      startsAt: from === null ? null : onTheWall(from),
      endsAt: to === null ? null : onTheWall(to),
    }
    await createSession(tx, demoEvent.slug, valid(session), { id: true })
  }
}

const demoEvent = {
  slug: 'demo-conference',
  name: 'Demo Conference 2027',
  timeZone: 'Europe/Berlin',
  startsAt: new Date('2027-03-27T08:00:00Z'),
  endsAt: new Date('2027-03-28T16:00:00Z'),
  state: 'PUBLISHED',
  textFormat: 'PLAIN',
  websiteUrl: 'https://example.org/demo-conference',
  logoUrl: null,
  venue: {
    name: 'Kongresshaus',
    address: 'Musterstraße 1\n10115 Berlin',
    latitude: 52.53,
    longitude: 13.385,
  },
  links: [{ url: 'https://example.org/demo-conference/chat', title: 'Chat', kind: 'CHAT' }],
  showsCanceled: true,
  dayStartsAt: '00:00',
  conflictPolicy: 'WARN',
} as const

const demoDescription =
  'An invented conference to try the API with. Its night is the one in which Berlin sets its clocks forward.'

function onTheWall(wallClock: string) {
  return { wallClock, timeZone: null, disambiguation: 'REJECT' } as const
}

function idsByName(rows: readonly { id: string; name: string }[]): Map<string, string> {
  return new Map(rows.map(({ id, name }) => [name, id]))
}
