import type http from 'node:http'
import { expect, test } from 'vitest'
import { mintToken } from '../../src/access/tokens.ts'
import { createProgramme, createSession } from '../features/programme.ts'
import { createWorld, type World } from '../world.ts'
import { type GetAnswer, getGraphql, type Query } from './get-graphql.ts'
import { isInstalled, type Proxy, startProxy } from './proxies.ts'

/** How many requests are sent through each proxy: `npm run proxies` sends ten thousand. */
const requests = Number(process.env['PROXY_REQUESTS'] ?? 400)

const schedule: Query = {
  query: `query Schedule($slug: String!) {
    event(slug: $slug) { slug sessions(first: 100) { nodes { title state abstract } } }
  }`,
}
const slugs = ['spring', 'autumn'] as const

/** Who asks, and in which events drafts are shown to them. */
interface Kind {
  readonly headers: http.OutgoingHttpHeaders
  readonly sees: readonly string[]
}

async function kinds({ operator, token }: World, eventIds: readonly string[]): Promise<Kind[]> {
  const values = { label: 'team', permissions: [], expiresAt: null, userId: null, parentId: null }
  const teams = (['REVIEWER', 'MODERATOR'] as const).flatMap((role) =>
    eventIds.map(async (eventId, n): Promise<Kind> => {
      const { token: minted } = await mintToken(operator.db, { ...values, role, eventIds: [eventId] })
      return { headers: { authorization: `Bearer ${minted}` }, sees: [slugs[n]!] }
    }),
  )
  const codings = [{}, { 'accept-encoding': 'gzip' }, { 'accept-encoding': 'br, gzip' }]
  const types = [{}, { accept: 'application/graphql-response+json' }]
  const everybody = codings.flatMap((coding) =>
    types.map((type) => ({ headers: { ...coding, ...type }, sees: [] })),
  )
  const organizer = { authorization: `Bearer ${token}` }
  return [
    ...everybody,
    ...(await Promise.all(teams)),
    { headers: organizer, sees: slugs },
    { headers: { ...organizer, 'accept-encoding': 'gzip' }, sees: slugs },
  ]
}

test.for<Proxy>(['nginx', 'varnish'])(
  'through %s nobody is given what is foreign or stale, whoever writes meanwhile',
  async (proxy, { skip }) => {
    if (!isInstalled(proxy)) skip(`${proxy} is not installed here`)
    const world = await createWorld()
    const url = await startProxy(proxy, world.app.url)
    const programmes = [await createProgramme(world, 'spring'), await createProgramme(world, 'autumn')]
    const abstract = 'Long enough to be worth compressing. '.repeat(60)
    // In each event a session that everybody sees and a draft; their titles count the writes.
    const sessions = await Promise.all(
      programmes.map(async (programme) => ({
        shown: await createSession(world, programme, { title: 'shown 0', abstract }),
        draft: await createSession(world, programme, { title: 'draft 0', state: 'DRAFT' }),
      })),
    )
    const written = slugs.map(() => ({ shown: 0, draft: 0 }))
    const all = await kinds(
      world,
      programmes.map(({ eventId }) => eventId),
    )
    expect(all).toHaveLength(12)
    const faults: string[] = []
    let [asked, held] = [0, 0]

    async function ask(kind: Kind, random: number): Promise<void> {
      const n = Math.floor(random * 2)
      const slug = slugs[n]!
      const least = { ...written[n]! }
      const tags = tagsOf.get(kind) ?? new Map<string, GetAnswer>()
      tagsOf.set(kind, tags)
      const before = tags.get(slug)
      const condition =
        before === undefined || random % 0.1 < 0.05 ? {} : { 'if-none-match': before.headers.etag }
      const sent = await getGraphql(
        url,
        { ...schedule, variables: { slug } },
        { ...kind.headers, ...condition },
      )
      if (sent.status === 304) held += 1
      const answer = sent.status === 304 ? before! : sent
      tags.set(slug, answer)
      const { event } = JSON.parse(answer.text).data
      const count = (word: string) => {
        const title = event.sessions.nodes.find((node: { title: string }) =>
          node.title.startsWith(word),
        )?.title
        return title === undefined ? null : Number(title.split(' ')[1])
      }
      const [shown, draft] = [count('shown'), count('draft')]
      const who = `${JSON.stringify(kind.headers)} in ${slug}`
      if (event.slug !== slug) faults.push(`${who} was given ${event.slug}`)
      if ((draft !== null) !== kind.sees.includes(slug))
        faults.push(`${who} was given another viewer's answer`)
      if (shown === null || shown < least.shown) faults.push(`${who} read ${shown} after ${least.shown}`)
      if (draft !== null && draft < least.draft)
        faults.push(`${who} read draft ${draft} after ${least.draft}`)
      if (answer.headers['content-encoding'] === 'br' && kind.headers['accept-encoding'] !== 'br, gzip')
        faults.push(`${who} was given brotli`)
    }
    const tagsOf = new Map<Kind, Map<string, GetAnswer>>()

    async function read(seed: number): Promise<void> {
      let random = seed
      while (asked < requests) {
        asked += 1
        random = (random * 16_807) % 2_147_483_647
        await ask(all[random % all.length]!, ((random >> 4) % 10_000) / 10_000)
      }
    }

    async function write(): Promise<void> {
      for (let n = 0; asked < requests; n += 1) {
        const place = n % 2
        const what = n % 7 < 2 ? 'shown' : 'draft'
        const next = written[place]![what] + 1
        const id = sessions[place]![what]
        const title = `${what} ${next}`
        if (n % 4 < 2) await world.sql('UPDATE sessions SET title = $1 WHERE id = $2', [title, id])
        else {
          const change = `mutation ($id: ID!, $title: String!) { updateSession(id: $id, patch: { title: $title }) { session { id } } }`
          const { errors } = await world.organize(change, { id, title })
          if (errors !== undefined) throw new Error(JSON.stringify(errors))
        }
        written[place]![what] = next
        await new Promise((resolve) => setTimeout(resolve, 40))
      }
    }
    await Promise.all([...[11, 222, 3_333, 44_444].map(read), write()])
    expect(faults).toEqual([])
    expect(written.every(({ shown, draft }) => shown > 0 && draft > 0)).toBe(true)
    expect(held).toBeGreaterThan(0)

    // Drafts that change are no reason to send everybody the page anew.
    const page = { ...schedule, variables: { slug: 'spring' } }
    const made = () =>
      world.log.filter((line) => line['msg'] === 'request' && line['kept'] === undefined).length
    const first = await getGraphql(url, page)
    for (let n = 0; n < 5; n += 1) {
      await world.sql('UPDATE sessions SET title = $1 WHERE id = $2', [
        `draft later ${n}`,
        sessions[0]!.draft,
      ])
      const before = made()
      const again = await getGraphql(url, page)
      expect([again.status, again.headers.etag, again.text]).toEqual([200, first.headers.etag, first.text])
      expect(made()).toBe(before)
      // Varnish doesn't say.
      expect(again.headers['x-cache']).toBe(proxy === 'nginx' ? 'REVALIDATED' : undefined)
    }
  },
)
