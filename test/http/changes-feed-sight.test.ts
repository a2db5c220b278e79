import { expect, test } from 'vitest'
import { createProgramme, createSession } from '../features/programme.ts'
import { startIssuer } from '../issuer.ts'
import { createWorld, type World } from '../world.ts'

async function titles({ app }: World, headers: Record<string, string> = {}): Promise<string[]> {
  const response = await fetch(`${app.url}/events/spring/changes.atom`, { headers })
  return Array.from(
    (await response.text()).matchAll(/<entry>.*?<title>(.*?)<\/title>/gs),
    ([, title]) => title!,
  )
}

test('a speaker is not told what other sessions were called before the event was shown', async () => {
  const issuer = await startIssuer()
  const world = await createWorld({ oidc: issuer })
  const programme = await createProgramme(world)
  const [speaker] = programme.speakers
  await world.operator.db.user.create({
    data: { issuer: issuer.issuer, subject: 'ada', speakers: { connect: { id: speaker! } } },
  })
  const ada = { authorization: `Bearer ${await issuer.sign({ sub: 'ada' })}` }
  await world.sql(`UPDATE events SET state = 'draft'`)
  const other = await createSession(world, programme, { title: 'A secret guest' })
  const own = await createSession(world, programme, { title: 'Mine', speakerIds: [speaker] })
  await world.sql(`UPDATE sessions SET title = 'Keynote' WHERE id = $1`, [other])
  await world.sql(`UPDATE sessions SET title = 'All mine' WHERE id = $1`, [own])
  await world.sql(`UPDATE events SET state = 'published'`)
  await world.sql(`UPDATE sessions SET title = 'The keynote' WHERE id = $1`, [other])
  const shown = '“Keynote” is now called “The keynote”'
  expect(await titles(world)).toEqual([shown])
  expect(await titles(world, ada)).toEqual([
    ...[shown, '“Mine” is now called “All mine”', 'New: “Mine”, no time yet'],
  ])
})
