import type { World } from '../world.ts'

/** An event of Berlin in March 2027 with two of everything, made through the API, its parts by SQL. */
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
  // By SQL: a Prisma client of its own takes longer to make than all the rest.
  const made = async (table: string, names: readonly string[], position = '') => {
    const rows = await world.sql<{ id: string }>(
      `INSERT INTO ${table} (id, event_id, name, last_modified_at${position && ', position'})
       SELECT uuidv7(), $1, name, now()${position}
       FROM unnest($2::text[]) WITH ORDINALITY AS given (name, place) ORDER BY place RETURNING id`,
      [eventId, names],
    )
    return rows.map(({ id }) => id)
  }
  const inOrder = ', place - 1'
  return {
    eventId,
    slug,
    tracks: await made('tracks', ['Time', 'Data'], inOrder),
    rooms: await made('rooms', ['Hall', 'Attic'], inOrder),
    types: await made('session_types', ['Talk', 'Workshop'], inOrder),
    speakers: await made('speakers', ['Ada', 'Bo']),
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
