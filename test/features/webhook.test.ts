import pg from 'pg'
import { Webhook } from 'standardwebhooks'
import { describe, expect, onTestFinished, test } from 'vitest'
import { mintToken, organizerOfEverything } from '../../src/access/tokens.ts'
import { prune } from '../../src/features/history/history.retention.ts'
import { makeEvent } from '../access/askers.ts'
import { startIssuer } from '../issuer.ts'
import { createWorld } from '../world.ts'
import { addWebhook, nearby, type Received, startReceiver, until } from './webhook.ts'

async function scene(webhooks = nearby) {
  const world = await createWorld({ webhooks })
  const { eventId, speakers } = await makeEvent(world, 'home', 'DRAFT')
  const receiver = await startReceiver()
  const { organize } = world
  const add = async (title: string): Promise<string> => {
    const query = `mutation ($input: CreateSessionInput!) { createSession(input: $input) { session { id } } }`
    return (await organize(query, { input: { eventSlug: 'home', title } })).data.createSession.session.id
  }
  const rename = (id: string, title: string) =>
    organize(
      `mutation ($id: ID!, $title: String!) { updateSession(id: $id, patch: { title: $title }) { session { id } } }`,
      {
        ...{ id, title },
      },
    )
  const deliveries = async (id: string, fields: string) => {
    const query = `{ event(slug: "home") { webhooks(first: 3) { nodes { id state stopReason
      deliveries(first: 20) { nodes { ${fields} } } } } } }`
    const { data, errors } = await organize(query)
    if (errors) throw new Error(JSON.stringify(errors))
    return data.event.webhooks.nodes.find((one: { id: string }) => one.id === id)
  }
  return { world, organize, eventId, speakers, receiver, add, rename, deliveries }
}

const versionsOf = (messages: readonly Received[], id: string) =>
  messages.filter(({ json }) => json.data.id === id).map(({ json }) => json.data.version)

describe('a webhook', () => {
  test('is told what is committed, whoever writes it, signed by Standard Webhooks', async () => {
    const { world, organize, eventId, receiver, add, rename, deliveries } = await scene()
    const { url } = receiver
    const { id, secret } = await addWebhook(organize, { eventSlug: 'home', url })
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    const session = await add('Opening')
    await rename(session, 'Closing')
    await world.sql(`UPDATE sessions SET subtitle = 'by psql' WHERE id = $1`, [session])
    await until(() => receiver.taken().length === 3)
    for (const { body, headers } of receiver.received) new Webhook(secret).verify(body, headers)
    const [created, , bySql] = receiver.taken()
    expect(created!.json).toEqual({
      type: 'session.created',
      timestamp: expect.stringMatching(/Z$/),
      data: {
        eventId,
        eventSlug: 'home',
        id: session,
        version: 1,
        state: expect.objectContaining({ id: session }),
      },
    })
    expect(bySql!.json).toMatchObject({
      type: 'session.updated',
      data: { version: 3, state: { title: 'Closing', subtitle: 'by psql', state: 'DRAFT', version: 3 } },
    })
    expect(Object.keys(bySql!.json.data.state)).not.toContain('sourceId')
    await until(async () =>
      (await deliveries(id, 'state')).deliveries.nodes.every(
        (one: { state: string }) => one.state === 'DELIVERED',
      ),
    )
    const told = await deliveries(
      id,
      'messageId type nodeId nodeVersion state tries nextTryAt request responseStatus response fault',
    )
    expect(told.deliveries.nodes[0]).toEqual({
      ...{
        messageId: bySql!.id,
        type: 'session.updated',
        nodeId: session,
        nodeVersion: 3,
        state: 'DELIVERED',
      },
      ...{
        tries: 1,
        nextTryAt: null,
        request: bySql!.body,
        responseStatus: 204,
        response: null,
        fault: null,
      },
    })
    // What names the secret is the answer that gave it, and nothing else.
    expect(JSON.stringify(world.log)).not.toContain(secret)
  })

  test('is told of each kind what the API shows of it, with the ids of what it refers to, and nothing else', async () => {
    const { world, organize, eventId, receiver, add } = await scene()
    await addWebhook(organize, { eventSlug: 'home', url: receiver.url })
    await add('Opening')
    const of = `eventSlug: "home", name: "New"`
    const { errors } = await organize(`mutation {
      createTrack(input: { ${of} }) { track { id } } createSessionType(input: { ${of} }) { sessionType { id } }
      createRoom(input: { ${of} }) { room { id } } createSpeaker(input: { ${of} }) { speaker { id } }
      createBreak(input: { ${of}, startsAt: "2027-03-27T10:00:00Z", endsAt: "2027-03-27T11:00:00Z" }) { break { id } } }`)
    expect(errors).toBeUndefined()
    await world.sql(`UPDATE events SET slug = 'away' WHERE id = $1`, [eventId])
    const kinds = ['Event', 'Track', 'Room', 'SessionType', 'Speaker', 'Session', 'Break']
    await until(() => receiver.taken().length === kinds.length)
    const states = receiver.taken().map(({ json }) => json.data.state)
    expect(new Set(states.map((state) => state.__typename))).toEqual(new Set(kinds))
    const { data } = await world.ask(
      `{ ${kinds.map((kind) => `${kind}: __type(name: "${kind}") { fields { name } }`).join(' ')} }`,
    )
    const referred = [
      '__typename',
      'eventId',
      'trackId',
      'roomId',
      'sessionTypeId',
      'speakerIds',
      'openFrom',
      'openUntil',
    ]
    for (const state of states) {
      const shown = data[state.__typename].fields.map(({ name }: { name: string }) => name)
      expect([
        state.__typename,
        Object.keys(state).filter((name) => ![...shown, ...referred].includes(name)),
      ]).toEqual([state.__typename, []])
    }
  })

  test('is told of the kinds that it asked for, and of nothing while it is paused', async () => {
    const { organize, eventId, receiver, add, world } = await scene()
    const { url } = receiver
    const { id } = await addWebhook(organize, { eventSlug: 'home', url, kinds: ['TRACK', 'ROOM'] })
    const pause = (isPaused: boolean) =>
      organize(
        `mutation { updateWebhook(id: "${id}", patch: { isPaused: ${isPaused} }) { webhook { state version } } }`,
      )
    await add('Nothing to tell')
    await world.sql(`INSERT INTO rooms (id, event_id, name) VALUES (gen_random_uuid(), $1, 'Attic')`, [
      eventId,
    ])
    await until(() => receiver.taken().length === 1)
    expect((await pause(true)).data.updateWebhook.webhook).toEqual({ state: 'PAUSED', version: 2 })
    await world.sql(`INSERT INTO rooms (id, event_id, name) VALUES (gen_random_uuid(), $1, 'Cellar')`, [
      eventId,
    ])
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    // A receiver may be told of a thing twice; it knows the message by its id.
    expect(receiver.taken()).toHaveLength(1)
    await pause(false)
    await until(() => receiver.taken().length === 2)
    expect(receiver.taken().map(({ json }) => [json.type, json.data.state.name])).toEqual([
      ['room.created', 'Attic'],
      ['room.created', 'Cellar'],
    ])
  })

  test('is told of nothing from when it is paused, although its writer has begun to read', async () => {
    const { organize, receiver, add, world } = await scene()
    const { id } = await addWebhook(organize, { eventSlug: 'home', url: receiver.url })
    const beside = new pg.Client({ connectionString: world.databaseUrl })
    await beside.connect()
    onTestFinished(() => beside.end())
    // Reading goes on, noting waits.
    await beside.query('BEGIN; LOCK TABLE webhook_cursors IN SHARE MODE')
    await add('Opening')
    await until(async () => {
      const [row] = await world.sql<{ waits: boolean }>(
        `SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'webhook_cursors'::regclass AND NOT granted) AS waits`,
      )
      return row!.waits
    })
    await organize(`mutation { updateWebhook(id: "${id}", patch: { isPaused: true }) { webhook { id } } }`)
    await beside.query('COMMIT')
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect(receiver.received).toEqual([])
    await organize(`mutation { updateWebhook(id: "${id}", patch: { isPaused: false }) { webhook { id } } }`)
    await until(() => receiver.taken().length === 1)
    expect(receiver.taken()[0]!.json).toMatchObject({ type: 'session.created', data: { version: 1 } })
  })

  test('whose receiver fails for one thing is told of others meanwhile, and of that one in its order', async () => {
    const { organize, receiver, add, rename, deliveries } = await scene({
      ...nearby,
      delays: [100, 200, 300, 400],
    })
    const { id } = await addWebhook(organize, { eventSlug: 'home', url: receiver.url })
    const [bad, good] = [await add('Bad'), await add('Good')]
    await until(() => receiver.taken().length === 2)
    let failing = true
    receiver.answer = ({ json }) => (failing && json.data.id === bad ? 500 : 204)
    await rename(bad, 'Bad 2')
    await rename(bad, 'Bad 3')
    await rename(good, 'Good 2')
    await until(() => versionsOf(receiver.taken(), good).includes(2))
    await until(() => versionsOf(receiver.received, bad).length >= 3)
    const waiting = (await deliveries(id, 'nodeId nodeVersion state nextTryAt responseStatus response fault'))
      .deliveries
    const [third, second] = waiting.nodes.filter(({ nodeId }: { nodeId: string }) => nodeId === bad)
    expect(second).toMatchObject({
      nodeVersion: 2,
      responseStatus: 500,
      response: 'status 500',
      state: 'PENDING',
    })
    expect(second.fault).toBe('The receiver answered 500.')
    expect(third).toMatchObject({ nodeVersion: 3, state: 'PENDING', responseStatus: null })
    failing = false
    await until(() => versionsOf(receiver.taken(), bad).includes(3))
    expect(versionsOf(receiver.taken(), bad)).toEqual([1, 2, 3])
    // All tries of a message have its id, and it never overtook.
    expect(
      new Set(receiver.received.filter(({ json }) => json.data.version === 2).map((one) => one.id)).size,
    ).toBe(2)
    const tried = versionsOf(receiver.received, bad)
    expect(tried.toSorted((one, other) => one - other)).toEqual(tried)
  })

  test('gives a message up after ten tries, and goes on with the next one', async () => {
    const { organize, receiver, add, rename, deliveries } = await scene({
      ...nearby,
      delays: Array(9).fill(5) as number[],
    })
    const { id } = await addWebhook(organize, { eventSlug: 'home', url: receiver.url })
    receiver.answer = ({ json }) => (json.data.version === 1 ? 302 : 200)
    const session = await add('Lost')
    await rename(session, 'Found')
    await until(() => versionsOf(receiver.taken(), session).includes(2))
    expect(versionsOf(receiver.received, session).filter((version) => version === 1)).toHaveLength(10)
    await until(async () => (await deliveries(id, 'state')).deliveries.nodes[0].state === 'DELIVERED')
    const { nodes } = (await deliveries(id, 'state tries fault nextTryAt')).deliveries
    expect(nodes[1]).toEqual({
      ...{ state: 'FAILED', tries: 10, nextTryAt: null },
      fault: 'The receiver answered 302, and redirects are not followed.',
    })
  })

  test('is left alone for as long as its receiver says, and stopped by 410', async () => {
    const { organize, receiver, add, deliveries, world } = await scene()
    const { id } = await addWebhook(organize, { eventSlug: 'home', url: receiver.url })
    receiver.answer = () => ({ status: 503, headers: { 'retry-after': '3600' } })
    await add('One')
    await until(async () => (await deliveries(id, 'fault')).deliveries.nodes[0]?.fault)
    await add('Two')
    await new Promise((resolve) => setTimeout(resolve, 1_200))
    expect(receiver.received).toHaveLength(1)
    const [rests] = await world.sql<{ minutes: number }>(
      `SELECT round(extract(epoch FROM rests_until - now()) / 60)::integer AS minutes FROM webhooks`,
    )
    expect(rests!.minutes).toBe(60)
    receiver.answer = () => 410
    await organize(`mutation { updateWebhook(id: "${id}", patch: { isPaused: false }) { webhook { id } } }`)
    await until(async () => (await deliveries(id, 'id')).state === 'STOPPED')
    expect((await deliveries(id, 'id')).stopReason).toMatch(/answered 410/)
    const before = receiver.received.length
    await add('Three')
    await new Promise((resolve) => setTimeout(resolve, 1_200))
    expect(receiver.received).toHaveLength(before)
  })

  test('stops, and says so, if who set it up may no longer see what it tells', async () => {
    const issuer = await startIssuer()
    const world = await createWorld({ oidc: issuer, webhooks: nearby })
    const { eventId } = await makeEvent(world, 'home', 'DRAFT')
    const receiver = await startReceiver()
    const user = await world.operator.db.user.create({
      data: {
        issuer: issuer.issuer,
        subject: 'ada',
        memberships: { create: { eventId, role: 'ORGANIZER' } },
      },
    })
    const headers = { authorization: `Bearer ${await issuer.sign({ sub: 'ada' })}` }
    const ada = (query: string, variables?: object) => world.ask(query, variables, headers)
    const { id } = await addWebhook(ada, { eventSlug: 'home', url: receiver.url })
    await world.sql(`UPDATE memberships SET role = 'co_organizer' WHERE user_id = $1`, [user.id])
    await world.sql(`UPDATE events SET name = 'Hidden'`)
    await until(() => receiver.received.length > 0)
    expect(receiver.received.map(({ json }) => json)).toEqual([
      {
        ...{ type: 'webhook.stopped', timestamp: expect.anything() },
        data: { eventId, eventSlug: 'home', reason: expect.stringMatching(/may no longer manage/) },
      },
    ])
    // Somebody else takes it over; nothing was missed.
    const on = `mutation { updateWebhook(id: "${id}", patch: { isPaused: false }) { webhook { state stopReason user { id } } } }`
    expect((await ada(on)).errors![0]!.extensions.code).toBe('NOT_FOUND')
    expect((await world.organize(on)).data.updateWebhook.webhook).toEqual({
      state: 'ACTIVE',
      stopReason: null,
      user: null,
    })
    await until(() => receiver.received.length === 2)
    expect(receiver.received[1]!.json.data.state.name).toBe('Hidden')
  })

  test('has a secret that is rotated with both valid for a while', async () => {
    const { organize, receiver, add } = await scene()
    const { id, secret } = await addWebhook(organize, { eventSlug: 'home', url: receiver.url })
    const rotate = (minutes: number) =>
      organize(
        `mutation { rotateWebhookSecret(id: "${id}", formerValidFor: ${minutes}) { secret webhook { formerSecretUntil } } }`,
      )
    const second = (await rotate(60)).data.rotateWebhookSecret
    await add('Both')
    await until(() => receiver.received.length === 1)
    for (const one of [secret, second.secret]) {
      new Webhook(one).verify(receiver.received[0]!.body, receiver.received[0]!.headers)
    }
    expect(second.webhook.formerSecretUntil).not.toBeNull()
    const third = (await rotate(0)).data.rotateWebhookSecret
    expect(third.webhook.formerSecretUntil).toBeNull()
    await add('New only')
    await until(() => receiver.received.length === 2)
    const { body, headers } = receiver.received[1]!
    new Webhook(third.secret).verify(body, headers)
    expect(() => new Webhook(second.secret).verify(body, headers)).toThrow('No matching signature found')
    expect((await rotate(10_081)).errors![0]!.message).toMatch(/formerValidFor/)
  })

  test('is told a span again by one mutation, with the ids of the first time', async () => {
    const { organize, receiver, add, rename } = await scene()
    const { id } = await addWebhook(organize, { eventSlug: 'home', url: receiver.url })
    await add('Before')
    await until(() => receiver.taken().length === 1)
    await new Promise((resolve) => setTimeout(resolve, 20))
    const since = new Date().toISOString()
    await new Promise((resolve) => setTimeout(resolve, 20))
    const session = await add('One')
    await rename(session, 'Two')
    await until(() => receiver.taken().length === 3)
    const first = receiver.taken().slice(1)
    await organize(
      `mutation ($since: DateTime!) { replayWebhook(id: "${id}", since: $since) { webhook { id } } }`,
      { since },
    )
    await until(() => receiver.received.length === 5)
    expect(receiver.received.slice(3).map(({ id }) => id)).toEqual(first.map(({ id }) => id))
    await add('After')
    await until(() => receiver.received.length === 6)
  })

  test('is tried by a message that tells of nothing', async () => {
    const { organize, receiver, deliveries } = await scene()
    const { id } = await addWebhook(organize, { eventSlug: 'home', url: receiver.url })
    receiver.answer = () => 500
    await organize(`mutation { testWebhook(id: "${id}") { webhook { id } } }`)
    await until(async () => (await deliveries(id, 'state')).deliveries.nodes[0].state === 'FAILED')
    expect(receiver.received.map(({ json }) => json.type)).toEqual(['webhook.test'])
  })

  test('is told that history was pruned before it was told of it', async () => {
    const { world, organize, receiver, add, rename } = await scene()
    const { id } = await addWebhook(organize, { eventSlug: 'home', url: receiver.url })
    await organize(`mutation { updateWebhook(id: "${id}", patch: { isPaused: true }) { webhook { id } } }`)
    const session = await add('Unheard')
    await rename(session, 'Unheard of')
    await prune(world.operator, { before: new Date(Date.now() + 60_000), eventSlug: null })
    await organize(`mutation { updateWebhook(id: "${id}", patch: { isPaused: false }) { webhook { id } } }`)
    await until(() => receiver.taken().length === 1)
    await add('Heard')
    await until(() => receiver.taken().length === 2)
    expect(receiver.taken().map(({ json }) => json.type)).toEqual(['webhook.resync', 'session.created'])
  })

  test('whose receiver takes nothing is tried after a pause each time, however much changes, until it takes something', async () => {
    const { organize, receiver, add } = await scene({
      ...nearby,
      delays: Array(9).fill(3_600_000) as number[],
    })
    let last = Date.now()
    let isAlive = false
    receiver.answer = () => {
      isAlive ||= receiver.received.length > 8 && Date.now() - last >= 1_000
      last = Date.now()
      return isAlive ? 204 : 500
    }
    await addWebhook(organize, { eventSlug: 'home', url: receiver.url })
    for (let n = 0; n < 30; n += 1) await add(`Session ${n}`)
    await until(() => isAlive)
    await until(() => receiver.received.length === 30)
    expect(receiver.taken().length).toBeGreaterThan(10)
  })

  test('that hangs holds up nobody else', async () => {
    const { organize, receiver, add } = await scene({ ...nearby, timeout: 10_000 })
    const hanging = await startReceiver()
    hanging.answer = () => 'hang'
    await addWebhook(organize, { eventSlug: 'home', url: hanging.url })
    await addWebhook(organize, { eventSlug: 'home', url: receiver.url })
    for (let n = 0; n < 20; n += 1) await add(`Session ${n}`)
    await until(() => receiver.taken().length === 20)
    expect(hanging.received.length).toBeLessThanOrEqual(8)
  })
})

test('refuses what no webhook can be, and shows webhooks to nobody but who manages them', async () => {
  const { world, organize } = await scene({ ...nearby, allowed: [] })
  const make = (input: object) =>
    organize(
      `mutation ($input: CreateWebhookInput!) { createWebhook(input: $input) { webhook { id kinds url } } }`,
      {
        input: { eventSlug: 'home', url: 'https://example.org/', label: 'x', ...input },
      },
    )
  const refused = await make({ url: 'http://169.254.169.254/latest', label: ' ' })
  expect(refused.errors![0]!.extensions.issues).toEqual([
    { path: ['input', 'url'], message: expect.stringMatching(/https/) },
    { path: ['input', 'label'], message: 'must not be blank.' },
  ])
  expect((await make({ url: 'https://[::ffff:a00:1]/' })).errors![0]!.message).toMatch(/public internet/)
  expect((await make({ eventSlug: 'nowhere' })).errors![0]!.extensions.code).toBe('NOT_FOUND')
  const { webhook } = (await make({ kinds: ['SESSION', 'SESSION'] })).data.createWebhook
  expect(webhook).toMatchObject({ kinds: ['SESSION'], url: 'https://example.org/' })
  for (let n = 1; n < 20; n += 1) await make({})
  expect((await make({})).errors![0]!.extensions.code).toBe('RATE_LIMITED')

  const { token } = await mintToken(world.operator.db, {
    ...organizerOfEverything,
    label: 'x',
    role: 'CO_ORGANIZER',
  })
  const other = (query: string) => world.ask(query, {}, { authorization: `Bearer ${token}` })
  const end = `mutation { deleteWebhook(id: "${webhook.id}") { webhookId } }`
  expect((await other(end)).errors![0]!.extensions.code).toBe('NOT_FOUND')
  const list = `{ event(slug: "home") { webhooks { totalCount nodes { url } } } }`
  expect((await other(list)).errors![0]!.extensions.code).toBe('FORBIDDEN')
  expect((await organize(list)).data.event.webhooks.totalCount).toBe(20)
  const stale = `mutation { deleteWebhook(id: "${webhook.id}", expectedVersion: 7) { webhookId } }`
  expect((await organize(stale)).errors![0]!.extensions.code).toBe('CONFLICT')
  expect((await organize(end)).data.deleteWebhook.webhookId).toBe(webhook.id)
  expect((await organize(end)).errors![0]!.extensions.code).toBe('NOT_FOUND')
})
