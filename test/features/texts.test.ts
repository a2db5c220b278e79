import { expect, test } from 'vitest'
import { createWorld } from '../world.ts'
import { createProgramme, createSession } from './programme.ts'

test('texts are read as they were sent, as HTML that is safe, and without their markup', async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  const read = async (input: object) => {
    const id = await createSession(world, programme, input)
    const { data, errors } = await world.ask(
      `query ($id: ID!) { session(id: $id) { textFormat abstract abstractHtml abstractText short: abstractText(maxLength: 20) descriptionText } }`,
      { id },
    )
    expect(errors).toBeUndefined()
    return data.session
  }
  const html =
    '<h2>When &amp; where</h2><p onclick="x()">A <b>bold</b> <a href="/x">hall</a>,<br>then <a href="https://e.org/?a=1&amp;b=2">out</a>.</p><ul><li>one</li></ul><script>1</script>'
  expect(await read({ textFormat: 'HTML', abstract: html })).toEqual({
    textFormat: 'HTML',
    abstract: html,
    abstractHtml:
      '<h2>When &amp; where</h2><p>A <b>bold</b> <a rel="nofollow noopener noreferrer">hall</a>,<br />then ' +
      '<a href="https://e.org/?a=1&amp;b=2" rel="nofollow noopener noreferrer">out</a>.</p><ul><li>one</li></ul>',
    abstractText: 'When & where\n\nA bold hall,\nthen out.\n\n * one',
    short: 'When & where\n\nA…',
    descriptionText: null,
  })
  expect(
    await read({ textFormat: 'MARKDOWN', abstract: '# Hi\n\n*So* <i>it</i> goes: https://e.org' }),
  ).toMatchObject({
    abstractHtml:
      '<h1>Hi</h1>\n<p><em>So</em> <i>it</i> goes: <a href="https://e.org" rel="nofollow noopener noreferrer">https://e.org</a></p>',
    abstractText: 'Hi\n\nSo it goes: https://e.org',
  })
  expect(await read({ abstract: 'a < b\nc\n\n*d* 👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦' })).toMatchObject({
    textFormat: 'PLAIN',
    abstractHtml: '<p>a &lt; b<br />c</p>\n<p>*d* 👩‍👩‍👧‍👦👩‍👩‍👧‍👦👩‍👩‍👧‍👦</p>',
    // Six of the seven code points of the first family would fit: it isn't cut.
    short: 'a < b\nc\n\n*d*…',
  })
  const none = await world.ask(
    `{ event(slug: "spring") { descriptionHtml sessions { nodes { abstractText(maxLength: 0) } } } }`,
  )
  expect(none.errors?.[0]?.extensions.issues).toEqual([
    { path: ['maxLength'], message: 'must be 1 or more.' },
  ])
})

test('a change says how its texts are written, and history, conflicts and the past know it', async () => {
  const world = await createWorld()
  const programme = await createProgramme(world)
  const id = await createSession(world, programme, { abstract: 'plain' })
  const [clock] = await world.sql<{ now: Date }>('SELECT clock_timestamp() AS now')
  const { data, errors } = await world.organize(
    `mutation ($id: ID!, $speaker: ID!, $event: ID!) {
      updateSession(id: $id, patch: { textFormat: MARKDOWN, abstract: "*md*" }) { session { abstractHtml history(first: 1) { nodes { changes { field before after } } } } }
      updateSpeaker(id: $speaker, patch: { textFormat: HTML, biography: "<b>b</b>" }) { speaker { biographyHtml biographyText textFormat } }
      updateEvent(id: $event, patch: { textFormat: HTML, description: "<b>b</b><img src=x>" }) { event { descriptionHtml textFormat } }
      stale: updateSession(id: $id, expectedVersion: 1, onConflict: MERGE, patch: { textFormat: HTML }) { session { id } } }`,
    { id, speaker: programme.speakers[0], event: programme.eventId },
  )
  expect(errors?.map(({ path, extensions }) => [path, extensions.conflicts])).toEqual([
    [['stale'], [{ field: 'textFormat', base: 'PLAIN', stored: 'MARKDOWN', sent: 'HTML' }]],
  ])
  expect(data.updateSession.session).toEqual({
    abstractHtml: '<p><em>md</em></p>',
    history: {
      nodes: [
        {
          changes: [
            { field: 'abstract', before: 'plain', after: '*md*' },
            { field: 'textFormat', before: 'PLAIN', after: 'MARKDOWN' },
          ],
        },
      ],
    },
  })
  expect(data.updateSpeaker.speaker).toEqual({
    biographyHtml: '<b>b</b>',
    biographyText: 'b',
    textFormat: 'HTML',
  })
  expect(data.updateEvent.event).toEqual({ descriptionHtml: '<b>b</b>', textFormat: 'HTML' })
  const past = await world.organize(
    `query ($id: ID!, $asOf: DateTime) { session(id: $id, asOf: $asOf) { textFormat abstractHtml } }`,
    {
      id,
      asOf: clock!.now.toISOString(),
    },
  )
  expect(past.data.session).toEqual({ textFormat: 'PLAIN', abstractHtml: '<p>plain</p>' })
})

test('one request has no more markup read than takes a moment; what is long is shown as plain text', async () => {
  const world = await createWorld()
  const { eventId } = await createProgramme(world)
  const hostile = (index: number) => `${index} ${'[*a <b>`'.repeat(2450)}`
  await world.operator.db.session.createMany({
    data: Array.from({ length: 12 }, (_, index) => ({
      ...{ eventId, state: 'CONFIRMED' as const, textFormat: 'MARKDOWN' as const },
      title: `Long ${index}`,
      abstract: hostile(index),
      description: '<b>'.repeat(10_000),
    })),
  })
  const html = await world.ask(`{ event(slug: "spring") { sessions { nodes { abstractHtml } } } }`)
  expect(html.errors?.[0]?.extensions.code).toBe('QUERY_TOO_COMPLEX')
  const long = await world.ask(
    `{ event(slug: "spring") { sessions(first: 2) { nodes { descriptionHtml } } } }`,
  )
  expect(long.data.event.sessions.nodes[0].descriptionHtml).toBe(`<p>${'&lt;b&gt;'.repeat(10_000)}</p>`)
})
