import { lastingIssuer } from '../issuer.ts'
import { type Answer, createWorld, type World } from '../world.ts'
import { createProgramme, type Programme } from './programme.ts'

type Ask = (query: string, variables?: object) => Promise<Answer>

/** A programme, and one signed-in user of each kind; `SPEAKER` is the programme's first speaker. */
export interface Team {
  readonly world: World
  readonly programme: Programme
  readonly as: Readonly<Record<Member, Ask>>
}

const roles = ['OWNER', 'ORGANIZER', 'CO_ORGANIZER', 'TRACK_ORGANIZER', 'MODERATOR', 'REVIEWER'] as const
export type Member = (typeof roles)[number] | 'SPEAKER' | 'VISITOR'

export async function createTeam(): Promise<Team> {
  const issuer = await lastingIssuer()
  const world = await createWorld({ oidc: issuer })
  const programme = await createProgramme(world)
  const { eventId, speakers } = programme
  const user = async (subject: Member) => {
    const [row] = await world.sql<{ id: string }>(
      'INSERT INTO users (id, issuer, subject, last_modified_at) VALUES (uuidv7(), $1, $2, now()) RETURNING id',
      [issuer.issuer, subject],
    )
    return row!.id
  }
  for (const role of roles) {
    const trackIds = role === 'TRACK_ORGANIZER' ? [programme.tracks[0]!] : []
    await world.sql(
      `INSERT INTO memberships (id, event_id, user_id, role, track_ids, last_modified_at)
       VALUES (uuidv7(), $1, $2, lower($3)::event_role, $4, now())`,
      [eventId, await user(role), role, trackIds],
    )
  }
  await user('VISITOR')
  await world.sql('UPDATE speakers SET user_id = $1 WHERE id = $2', [await user('SPEAKER'), speakers[0]])
  const ask = async (sub: Member): Promise<[Member, Ask]> => {
    const authorization = `Bearer ${await issuer.sign({ sub })}`
    return [sub, (query, variables) => world.ask(query, variables, { authorization })]
  }
  const asked = await Promise.all([...roles, 'SPEAKER' as const, 'VISITOR' as const].map(ask))
  return { world, programme, as: Object.fromEntries(asked) as Team['as'] }
}
