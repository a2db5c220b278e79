import type { World } from '../world.ts'

/** An event of Berlin in March 2027 with two of everything, made through the API or, where there is none yet, by the verbs' database. */
export interface Programme {
  readonly eventId: string
  readonly slug: string
  readonly tracks: readonly string[]
  readonly rooms: readonly string[]
  readonly types: readonly string[]
  readonly speakers: readonly string[]
}

export async function createProgramme(world: World, slug = 'spring'): Promise<Programme> {
  const { data } = await world.organize(
    `mutation ($input: CreateEventInput!) { createEvent(input: $input) { event { id } } }`,
    {
      input: {
        slug,
        name: 'Spring meeting',
        timeZone: 'Europe/Berlin',
        startsAt: '2027-03-27T09:00:00+01:00',
        endsAt: '2027-03-28T18:00:00+02:00',
        state: 'PUBLISHED',
      },
    },
  )
  const eventId = data.createEvent.event.id as string
  const { db } = world.operator
  const two = (names: [string, string]) => names.map((name, position) => ({ eventId, name, position }))
  const select = { id: true }
  const ids = (rows: { id: string }[]) => rows.map(({ id }) => id)
  const people = ['Ada', 'Bo'].map((name) => ({ eventId, name }))
  return {
    eventId,
    slug,
    tracks: ids(await db.track.createManyAndReturn({ data: two(['Time', 'Data']), select })),
    rooms: ids(await db.room.createManyAndReturn({ data: two(['Hall', 'Attic']), select })),
    types: ids(await db.sessionType.createManyAndReturn({ data: two(['Talk', 'Workshop']), select })),
    speakers: ids(await db.speaker.createManyAndReturn({ data: people, select })),
  }
}

/** A session by the API; confirmed, so that the public sees it, unless the input says otherwise. @returns its id */
export async function createSession(
  world: World,
  { slug }: Pick<Programme, 'slug'>,
  input: object,
): Promise<string> {
  const { data, errors } = await world.organize(
    `mutation ($input: CreateSessionInput!) { createSession(input: $input) { session { id } } }`,
    { input: { eventSlug: slug, state: 'CONFIRMED', title: 'A talk', ...input } },
  )
  if (errors !== undefined) throw new Error(JSON.stringify(errors))
  return data.createSession.session.id as string
}
