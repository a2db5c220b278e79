import { type Extent, type Permission, permissions, type Role } from '../../src/access/permissions.ts'
import { mintToken, organizerOfEverything, type TokenValues } from '../../src/access/tokens.ts'
import type { EventRole } from '../../src/generated/prisma/client.ts'
import { lastingIssuer } from '../issuer.ts'
import { type Answer, createWorld, type World } from '../world.ts'

/** Somebody who asks, with what the test knows of them; what they may follows from the table and this alone. */
export interface Asker {
  readonly name: string
  /** What they are at the event in question. */
  readonly roles: readonly Role[]
  readonly userId: string | null
  readonly tokenId: string | null
  /** What of it a token is held to. */
  readonly heldTo: readonly Permission[] | null
  /** Null where the token may do nothing that lies in no event. */
  readonly atMost: EventRole | null
  ask(query: string, variables?: object): Promise<Answer>
}

/** What somebody acts on. */
export interface Target {
  /** In the track that the track organizer runs. */
  readonly inTrack: boolean
  /** Of the speaker who asks. */
  readonly isOwn: boolean
}

const nobodysOwn: Target = { inTrack: false, isOwn: false }

/** Whether the table lets the asker do it. */
export function reaches(asker: Asker, permission: Permission, target: Target = nobodysOwn): boolean {
  if (asker.heldTo !== null && !asker.heldTo.includes(permission)) return false
  return asker.roles.some((role) => {
    const extent = extentOf(role, permission)
    const most = asker.atMost === null || role === 'VISITOR' ? 'all' : extentOf(asker.atMost, permission)
    if (extent === undefined || most === undefined) return false
    if (extent === 'all') return most === 'all'
    return role === 'SPEAKER' ? target.isOwn : target.inTrack
  })
}

function extentOf(role: Role, permission: Permission): Extent | undefined {
  if (role === 'ADMIN') return 'all'
  return (permissions[permission].roles as Partial<Record<Role, Extent>>)[role]
}

export interface Scene {
  readonly world: World
  /** The event in question. */
  readonly eventId: string
  readonly slug: string
  readonly state: 'DRAFT' | 'PUBLISHED'
  /** Of which the track organizer runs the first. */
  readonly tracks: readonly string[]
  readonly room: string
  /** Of whom the speaker is the first. */
  readonly speakers: readonly string[]
  readonly askers: readonly Asker[]
  named(name: string): Asker
}

const team = ['OWNER', 'ORGANIZER', 'CO_ORGANIZER', 'TRACK_ORGANIZER', 'MODERATOR', 'REVIEWER'] as const

/** Everybody who could ask about one event: each role there, each role at another event, and tokens. */
export async function gatherAskers(state: 'DRAFT' | 'PUBLISHED' = 'PUBLISHED'): Promise<Scene> {
  const issuer = await lastingIssuer()
  const world = await createWorld({ oidc: issuer })
  const { db } = world.operator
  const home = await makeEvent(world, 'home', state)
  const abroad = await makeEvent(world, 'abroad', 'DRAFT')

  const person = async (name: string, roles: Role[]): Promise<Asker> => {
    // As if they had been here before: what the first sign-in makes of somebody is tested elsewhere.
    const known = { issuer: issuer.issuer, subject: name, name }
    const { id: userId } = await db.user.create({ data: known, select: { id: true } })
    let signed: Promise<string> | undefined
    const headers = async () => ({
      authorization: `Bearer ${await (signed ??= issuer.sign({ sub: name, name }))}`,
    })
    return {
      ...{ name, roles: [...roles, 'VISITOR'], userId, tokenId: null, heldTo: null, atMost: null },
      ask: async (query, variables) => world.ask(query, variables, await headers()),
    }
  }
  const member = async (name: string, at: typeof home, role: (typeof team)[number]) => {
    const asker = await person(name, at === home ? [role] : [])
    const trackIds = role === 'TRACK_ORGANIZER' ? [at.tracks[0]!] : []
    await db.membership.create({ data: { eventId: at.eventId, userId: asker.userId!, role, trackIds } })
    return asker
  }
  const speaker = async (name: string, at: typeof home) => {
    const asker = await person(name, at === home ? ['SPEAKER'] : [])
    await db.speaker.update({ where: { id: at.speakers[0]! }, data: { userId: asker.userId } })
    return asker
  }
  const token = async (
    name: string,
    roles: Role[],
    values: Partial<Omit<TokenValues, 'permissions'>> & { permissions?: Permission[] },
  ): Promise<Asker> => {
    const minted = await mintToken(db, { ...organizerOfEverything, ...values, label: name })
    const { userId = null, role = null, permissions: heldTo = null } = values
    return {
      ...{ name, roles, userId, tokenId: minted.id, heldTo, atMost: userId === null ? null : role },
      ask: (query, variables) => world.ask(query, variables, { authorization: `Bearer ${minted.token}` }),
    }
  }

  const nobody: Asker = {
    ...{ name: 'anonymous', roles: ['ANONYMOUS'], userId: null, tokenId: null, heldTo: null, atMost: null },
    ask: (query, variables) => world.ask(query, variables),
  }
  const members = await Promise.all(team.map((role) => member(role.toLowerCase(), home, role)))
  const strangers = await Promise.all(
    team.map((role) => member(`${role.toLowerCase()} elsewhere`, abroad, role)),
  )
  const admin = await person('admin', ['ADMIN'])
  await db.user.update({ where: { id: admin.userId! }, data: { isAdmin: true } })
  const owner = members[0]!
  const acting = { userId: owner.userId, role: null }
  const askers = [
    ...members,
    await speaker('speaker', home),
    admin,
    await person('visitor', []),
    nobody,
    ...strangers,
    await speaker('speaker elsewhere', abroad),
    await token("an operator's organizer token", ['ORGANIZER', 'VISITOR'], {}),
    await token("an operator's organizer token for elsewhere", [], { eventIds: [abroad.eventId] }),
    await token("the owner's token", ['OWNER', 'VISITOR'], acting),
    await token("the owner's token for this event", ['OWNER'], { ...acting, eventIds: [home.eventId] }),
    await token("the owner's token for elsewhere", [], { ...acting, eventIds: [abroad.eventId] }),
    await token("the owner's token, at most a reviewer", ['OWNER', 'VISITOR'], {
      ...acting,
      role: 'REVIEWER',
    }),
    await token("the owner's token, held to three permissions", ['OWNER', 'VISITOR'], {
      ...acting,
      permissions: ['event:read', 'session:read', 'session:update'],
    }),
    await token("the track organizer's token, at most an organizer", ['TRACK_ORGANIZER', 'VISITOR'], {
      userId: members[3]!.userId,
      role: 'ORGANIZER',
    }),
  ]
  const named = (name: string) => askers.find((asker) => asker.name === name)!
  return { world, ...home, slug: 'home', state, askers, named }
}

/** An event with two tracks, a room, and two speakers. */
export async function makeEvent(world: World, slug: string, state: 'DRAFT' | 'PUBLISHED') {
  const { db } = world.operator
  const days = { startsAt: new Date('2027-05-01T08:00:00Z'), endsAt: new Date('2027-05-03T18:00:00Z') }
  const event = await db.event.create({
    data: {
      ...{ slug, name: slug, timeZone: 'Europe/Berlin', state, ...days },
      venue: { name: 'Hall' },
      links: [{ url: 'https://example.org', kind: 'OTHER' }],
    },
  })
  const eventId = event.id
  const ids = (rows: { id: string }[]) => rows.map(({ id }) => id)
  const named = (...names: string[]) => names.map((name) => ({ eventId, name }))
  return {
    eventId,
    tracks: ids(await db.track.createManyAndReturn({ data: named('Time', 'Data') })),
    room: ids(await db.room.createManyAndReturn({ data: named('Hall') }))[0]!,
    speakers: ids(await db.speaker.createManyAndReturn({ data: named('Ada', 'Bo') })),
  }
}
