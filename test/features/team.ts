import { startIssuer } from '../issuer.ts'
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
  const issuer = await startIssuer()
  const world = await createWorld({ oidc: issuer })
  const programme = await createProgramme(world)
  const { db } = world.operator
  for (const role of roles) {
    const trackIds = role === 'TRACK_ORGANIZER' ? [programme.tracks[0]!] : []
    const memberships = { create: { eventId: programme.eventId, role, trackIds } }
    await db.user.create({ data: { issuer: issuer.issuer, subject: role, memberships } })
  }
  await db.user.create({ data: { issuer: issuer.issuer, subject: 'VISITOR' } })
  const speakers = { connect: { id: programme.speakers[0]! } }
  await db.user.create({ data: { issuer: issuer.issuer, subject: 'SPEAKER', speakers } })
  const ask = async (sub: Member): Promise<[Member, Ask]> => {
    const authorization = `Bearer ${await issuer.sign({ sub })}`
    return [sub, (query, variables) => world.ask(query, variables, { authorization })]
  }
  const asked = await Promise.all([...roles, 'SPEAKER' as const, 'VISITOR' as const].map(ask))
  return { world, programme, as: Object.fromEntries(asked) as Team['as'] }
}
