import { expect, test } from 'vitest'
import { gatherAskers } from './askers.ts'

const me = `{ viewer { __typename permissions roles { role event { slug } tracks { name } }
  ... on UserViewer { isAdmin email user { name } } ... on TokenViewer { token { label role } } } }`

const here = `{ event(slug: "home") { viewerPermissions { permission extent } } }`

test('somebody without a token is told that they may nothing that needs a permission', async () => {
  const scene = await gatherAskers()
  const { data } = await scene.named('anonymous').ask(me)
  expect(data.viewer).toEqual({ __typename: 'AnonymousViewer', permissions: [], roles: [] })
  expect((await scene.named('anonymous').ask(here)).data.event.viewerPermissions).toEqual([])
})

test('a user is told their roles with tracks, and what each is good for', async () => {
  const scene = await gatherAskers()
  const asker = scene.named('track_organizer')
  expect((await asker.ask(me)).data.viewer).toEqual({
    __typename: 'UserViewer',
    permissions: ['EVENT_CREATE', 'INVITATION_ACCEPT', 'TOKEN_MINT', 'FAVORITE_KEEP'],
    roles: [{ role: 'TRACK_ORGANIZER', event: { slug: 'home' }, tracks: [{ name: 'Time' }] }],
    isAdmin: false,
    email: null,
    user: { name: 'track_organizer' },
  })
  const granted = (await asker.ask(here)).data.event.viewerPermissions
  expect(granted).toContainEqual({ permission: 'SESSION_READ', extent: 'ALL' })
  expect(granted).toContainEqual({ permission: 'SESSION_UPDATE', extent: 'OWN' })
  expect(granted).not.toContainEqual(expect.objectContaining({ permission: 'EVENT_UPDATE' }))
})

test('a speaker is told so, and that what they may is their own', async () => {
  const scene = await gatherAskers()
  const asker = scene.named('speaker')
  expect((await asker.ask(me)).data.viewer.roles).toEqual([
    { role: 'SPEAKER', event: { slug: 'home' }, tracks: [] },
  ])
  const granted = (await asker.ask(here)).data.event.viewerPermissions as {
    permission: string
    extent: string
  }[]
  expect(granted.filter(({ extent }) => extent === 'OWN').map(({ permission }) => permission)).toEqual([
    'SESSION_READ',
    'SESSION_CREATE',
    'SESSION_UPDATE',
    'SESSION_WITHDRAW',
    'SPEAKER_READ',
    'SPEAKER_UPDATE',
    'SCHEDULE_READ',
  ])
})

test('a speaker is told which speaker they are, and can hand a session in as that', async () => {
  const scene = await gatherAskers('DRAFT')
  const asker = scene.named('speaker')
  const asked = await asker.ask('{ viewer { roles { speaker { id name } } } }')
  expect(asked.data.viewer.roles).toEqual([{ speaker: { id: scene.speakers[0], name: 'Ada' } }])
  expect(asked.statements).toBe(3)
  const create = `mutation ($id: ID!) { createSession(input: { eventSlug: "home", title: "Mine", speakerIds: [$id] }) {
    session { speakers { name } } } }`
  const made = await asker.ask(create, { id: asked.data.viewer.roles[0].speaker.id })
  expect(made.data.createSession.session.speakers).toEqual([{ name: 'Ada' }])
  const owner = await scene.named('owner').ask('{ viewer { roles { role speaker { id } } } }')
  expect(owner.data.viewer.roles).toEqual([{ role: 'OWNER', speaker: null }])
})

test('an admin is told that they may everything everywhere', async () => {
  const scene = await gatherAskers()
  const { viewer } = (await scene.named('admin').ask(me)).data
  expect([viewer.isAdmin, viewer.roles]).toEqual([true, []])
  expect(viewer.permissions).toContain('SESSION_DELETE')
  expect(viewer.permissions).toContain('EVENT_TRANSFER')
})

test('a role at another event is nothing here', async () => {
  const scene = await gatherAskers()
  const asker = scene.named('owner elsewhere')
  expect((await asker.ask(me)).data.viewer.roles).toEqual([
    { role: 'OWNER', event: { slug: 'abroad' }, tracks: [] },
  ])
  expect((await asker.ask(here)).data.event.viewerPermissions).toEqual([])
})

test('a token is told what is left of its user by its bounds', async () => {
  const scene = await gatherAskers()
  const held = scene.named("the owner's token, held to three permissions")
  expect((await held.ask(me)).data.viewer).toMatchObject({
    __typename: 'TokenViewer',
    permissions: [],
    roles: [{ role: 'OWNER', event: { slug: 'home' } }],
  })
  expect((await held.ask(here)).data.event.viewerPermissions).toEqual([
    { permission: 'EVENT_READ', extent: 'ALL' },
    { permission: 'SESSION_READ', extent: 'ALL' },
    { permission: 'SESSION_UPDATE', extent: 'ALL' },
  ])
  const elsewhere = scene.named("the owner's token for elsewhere")
  expect((await elsewhere.ask(me)).data.viewer).toMatchObject({ permissions: [], roles: [] })
})

test('who asks costs one statement, what they are at events one more', async () => {
  const scene = await gatherAskers()
  const owner = scene.named('owner')
  expect((await owner.ask('{ viewer { permissions } }')).statements).toBe(1)
  expect((await owner.ask('{ viewer { roles { role event { slug name } } } }')).statements).toBe(2)
  const token = scene.named("the owner's token")
  expect((await token.ask('{ viewer { permissions roles { role event { slug } } } }')).statements).toBe(2)
})

test('members, tokens and invitations of an event are one statement each, whatever is asked of them', async () => {
  const scene = await gatherAskers()
  const owner = scene.named('owner')
  const { statements } = await owner.ask('{ event(slug: "home") { id } }')
  const lists = [
    'members { nodes { role email user { name } } }',
    'tokens { nodes { label user { name } permissions } }',
    'invitations { nodes { email speaker { name } } }',
  ]
  for (const list of lists) {
    expect((await owner.ask(`{ event(slug: "home") { ${list} } }`)).statements).toBe(statements + 1)
  }
})
