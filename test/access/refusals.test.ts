import { expect, test } from 'vitest'
import { allPermissions, type Permission, permissions } from '../../src/access/permissions.ts'
import { refusals } from '../../src/access/refusals.ts'
import { gatherAskers, type Scene } from './askers.ts'
import { makeSession } from './needs.ts'

const here = (fields: string) => `{ event(slug: "home") { ${fields} } }`
const days = 'startsAt: "2027-01-01T00:00:00Z", endsAt: "2027-01-02T00:00:00Z"'

/** Who is refused for want of it, and what they asked; a function where they act on a session that all may see. */
const asked: Partial<Record<Permission, [string, string | ((id: string, scene: Scene) => string)]>> = {
  'event:create': [
    "the owner's token for this event",
    `mutation { createEvent(input: { slug: "e", name: "E", timeZone: "UTC", ${days} }) { event { id } } }`,
  ],
  'event:update': ['reviewer', onEvent('updateEvent', 'patch: { name: "X" }')],
  'event:publish': ['co_organizer', onEvent('updateEvent', 'patch: { state: DRAFT }')],
  'event:delete': ['organizer', onEvent('deleteEvent')],
  'event:transfer': [
    'organizer',
    (id, { eventId }) => `mutation { transferEvent(id: "${eventId}", toMemberId: "${id}") { owner { id } } }`,
  ],
  'member:read': ['speaker', here('members { totalCount }')],
  'member:manage': ['reviewer', here('invitations { totalCount }')],
  'member:leave': ['visitor', (_id, { eventId }) => `mutation { leaveEvent(id: "${eventId}") { memberId } }`],
  'invitation:accept': [
    "the owner's token for this event",
    'mutation { acceptInvitation(secret: "oei_x") { event { id } } }',
  ],
  'token:mint': [
    "the owner's token for this event",
    'mutation { mintToken(input: { label: "x" }) { secret } }',
  ],
  'favorite:keep': [
    "the owner's token for this event",
    'mutation { createPersonalCalendar(eventSlug: "home") { path } }',
  ],
  'token:manage': ['co_organizer', here('tokens { totalCount }')],
  'webhook:manage': ['co_organizer', here('webhooks { totalCount }')],
  'session:read': ['visitor', here('sessions(filter: { sourceIds: ["x"] }) { totalCount }')],
  'session:read-deleted': ['reviewer', here('sessions(filter: { onlyDeleted: true }) { totalCount }')],
  'session:history': ['reviewer', onSession('history { totalCount }')],
  'session:create': [
    'visitor',
    'mutation { createSession(input: { eventSlug: "home", title: "X" }) { session { id } } }',
  ],
  'session:update': ['visitor', change('updateSession', 'patch: { title: "X" }')],
  'session:place': ['speaker', change('updateSession', 'patch: { roomId: null }')],
  'session:decide': ['reviewer', change('changeSessionState', 'to: REJECTED')],
  'session:lock': ['speaker', change('setSessionLocks', 'content: true')],
  'session:delete': ['speaker', change('deleteSession')],
  'speaker:read': ['visitor', here('speakers(filter: { sourceIds: ["x"] }) { totalCount }')],
  'speaker:update': [
    'reviewer',
    (_id, { speakers }) =>
      `mutation { updateSpeaker(id: "${speakers[0]}", patch: { country: "X" }) { speaker { id } } }`,
  ],
  'speaker:manage': [
    'reviewer',
    'mutation { createSpeaker(input: { eventSlug: "home", name: "X" }) { speaker { id } } }',
  ],
  'programme:edit': [
    'moderator',
    'mutation { createTrack(input: { eventSlug: "home", name: "X" }) { track { id } } }',
  ],
}

/** Their lack is never told: what they reach is hidden or left out; a withdrawal that may not be asks for session:decide. */
const neverTold: readonly Permission[] = ['event:read', 'session:withdraw', 'schedule:read']

test('somebody who lacks a permission reads who has it and what to do', async () => {
  const scene = await gatherAskers()
  const id = await makeSession(scene, { state: 'CONFIRMED', isOwn: true })
  const told = async ([permission, [name, document]]: [string, (typeof asked)[Permission] & object]) => {
    const text = typeof document === 'string' ? document : document(id, scene)
    const { errors } = await scene.named(name).ask(text)
    return [permission, errors?.[0]?.message]
  }
  expect(Object.fromEntries(await Promise.all(Object.entries(asked).map(told)))).toEqual(
    Object.fromEntries(
      allPermissions
        .filter((one) => !neverTold.includes(one))
        .map((one) => [one, `${refusals[one]} (This needs ${one}.)`]),
    ),
  )
})

test('a token that is narrower than its user is told what narrows it', async () => {
  const scene = await gatherAskers()
  const id = await makeSession(scene, { state: 'CONFIRMED', isOwn: false })
  const reads = async (name: string) => {
    const { errors } = await scene.named(name).ask(change('deleteSession')(id))
    return errors?.[0]?.message
  }
  expect(await reads("the owner's token, held to three permissions")).toBe(
    'This token is held to permissions without session:delete. Use one that has it.',
  )
  expect(await reads("the owner's token, at most a reviewer")).toBe(
    'This token acts as REVIEWER at most, who lacks session:delete. Use one that has it.',
  )
})

test('a refusal names the roles that the table gives the permission to, and no other', () => {
  const words = {
    OWNER: /\bowner\b/,
    ORGANIZER: /(?<!co-|track )\borganizers\b/,
    CO_ORGANIZER: /\bco-organizers\b/,
    TRACK_ORGANIZER: /\btrack organizers\b/,
    MODERATOR: /\bmoderators\b/,
    REVIEWER: /\breviewers\b/,
    SPEAKER: /\bspeakers\b|\bspeak\b/i,
    VISITOR: /\bsigned in\b/,
  }
  const team = Object.keys(words).filter((role) => role !== 'SPEAKER' && role !== 'VISITOR')
  const named = (text: string) => {
    // What is said to be seen or changed isn't who does it.
    const [who] = text.split(/[.]/)
    const roles = /\bteam\b|\bwork\b/.test(who!) ? [...team] : []
    for (const [role, word] of Object.entries(words))
      if (word.test(who!) && !roles.includes(role)) roles.push(role)
    return roles.toSorted()
  }
  // Those whose texts name speakers as what is read or changed.
  const ofSpeakers = ['speaker:manage']
  for (const one of allPermissions) {
    const roles = named(refusals[one]).filter((role) => role !== 'SPEAKER' || !ofSpeakers.includes(one))
    expect([one, roles]).toEqual([one, Object.keys(permissions[one].roles).toSorted()])
  }
})

function onEvent(mutation: string, argument = '') {
  return (_id: string, { eventId }: Scene) =>
    `mutation { ${mutation}(id: "${eventId}"${argument && `, ${argument}`}) { event { id } } }`
}

function change(mutation: string, argument = '') {
  return (id: string) =>
    `mutation { ${mutation}(id: "${id}"${argument && `, ${argument}`}) { session { id } } }`
}

function onSession(fields: string) {
  return (id: string) => `{ session(id: "${id}") { ${fields} } }`
}
