import { createHash } from 'node:crypto'
import { mkdtemp, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { print } from 'graphql'
import { describe, expect, test } from 'vitest'
import { trustedDocuments } from '../../src/http/documents/manifest.ts'
import { allOperations } from '../clients/operations.ts'
import { createWorld } from '../world.ts'
import { rawRequest } from './raw-request.ts'

const query = 'query Spring($slug: String!) { event(slug: $slug) { name } }'
const variables = { slug: 'spring' }
const spring = { event: { name: 'Spring meeting' } }
const accept = 'application/graphql-response+json'
const json = { 'content-type': 'application/json', accept }

const idOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`

/** A manifest of one document. */
async function manifestFile(documents: object = { [idOf(query)]: query }): Promise<string> {
  const file = path.join(await mkdtemp(path.join(os.tmpdir(), 'documents-')), 'documents.json')
  await writeFile(file, JSON.stringify(documents))
  return file
}

async function scene(isTrustedOnly: boolean) {
  const world = await createWorld({ trustedDocuments: { file: await manifestFile(), isTrustedOnly } })
  // By the database, because the mutation for it isn't in the manifest.
  const [startsAt, endsAt] = [new Date('2027-03-27T08:00:00Z'), new Date('2027-03-28T16:00:00Z')]
  const event = { slug: 'spring', name: 'Spring meeting', timeZone: 'Europe/Berlin', startsAt, endsAt }
  await world.operator.db.event.create({ data: { ...event, state: 'PUBLISHED' } })
  const ask = async (method: 'GET' | 'POST' | 'QUERY', sent: object) => {
    const url = `${world.app.url}/graphql`
    const search = new URLSearchParams(
      Object.entries(sent).map(([name, value]): [string, string] => {
        return [name, typeof value === 'string' ? value : JSON.stringify(value)]
      }),
    )
    const answer =
      method === 'GET'
        ? await rawRequest(`${url}?${search.toString()}`, { headers: { accept } })
        : await rawRequest(url, { method, headers: json, body: JSON.stringify(sent) })
    const { data, errors } = JSON.parse(answer.body.toString())
    return { status: answer.status, data, code: errors?.[0].extensions.code, headers: answer.headers }
  }
  return { world, ask }
}

describe('the manifest of trusted documents', () => {
  test('lists what the clients send (npm run documents)', async () => {
    const documents = Object.values(allOperations()).map(print)
    const entries = Object.fromEntries(documents.toSorted().map((text) => [idOf(text), text]))
    await expect(`${JSON.stringify(entries, null, 2)}\n`).toMatchFileSnapshot(
      '../../src/http/documents/trusted-documents.json',
    )
    expect(trustedDocuments(null).size).toBe(new Set(documents).size)
  })

  test('is refused if it names a document by the hash of another one, or is none', async () => {
    const named = await manifestFile({ [idOf('{ viewer { roles { role } } }')]: query })
    expect(() => trustedDocuments(named)).toThrow(/isn't the SHA-256 of its text/)
    expect(() => trustedDocuments(os.tmpdir())).toThrow(/^TRUSTED_DOCUMENTS must name a JSON file/)
  })
})

describe('a document', () => {
  test.each(['GET', 'POST', 'QUERY'] as const)('is asked for by its documentId with %s', async (method) => {
    const { ask } = await scene(false)
    expect(await ask(method, { documentId: idOf(query), variables })).toMatchObject({
      status: 200,
      data: spring,
    })
    const unknown = await ask(method, { documentId: idOf('{ nothing }') })
    expect(unknown).toMatchObject({ status: 404, code: 'PERSISTED_QUERY_NOT_FOUND' })
    // Somebody may send it along the next moment.
    expect(unknown.headers['cache-control']).toBe('no-store')
    const faults = [{ documentId: 'Spring' }, { documentId: 7 }, { documentId: idOf(query), query }]
    for (const fault of faults) {
      // An address has no numbers.
      expect(await ask(method, fault)).toMatchObject({ status: 422, code: 'BAD_REQUEST' })
    }
  })

  test('that a client persisted is found with GET, and asked for with no-store until then', async () => {
    const { ask } = await scene(false)
    const other = `${query} # another one`
    const extensions = { persistedQuery: { version: 1, sha256Hash: idOf(other).slice(7) } }
    const missed = await ask('GET', { extensions, variables })
    expect(missed.code).toBe('PERSISTED_QUERY_NOT_FOUND')
    expect(missed.headers['cache-control']).toBe('no-store')
    expect(await ask('GET', { extensions, variables, query: other })).toMatchObject({ data: spring })
    expect(await ask('GET', { extensions, variables })).toMatchObject({ data: spring })
    expect(await ask('QUERY', { extensions, variables })).toMatchObject({ data: spring })
  })

  test('is the only kind that is answered, if the server is told so', async () => {
    const { ask, world } = await scene(true)
    expect(await ask('GET', { documentId: idOf(query), variables })).toMatchObject({ data: spring })
    // By its text, too.
    expect(await ask('POST', { query, variables })).toMatchObject({ data: spring })
    const other = '{ viewer { roles { role } } }'
    const extensions = { persistedQuery: { version: 1, sha256Hash: idOf(other).slice(7) } }
    for (const sent of [{ query: other }, { query: other, extensions }, { documentId: idOf(other) }]) {
      expect(await ask('POST', sent)).toMatchObject({ status: 403, code: 'FORBIDDEN' })
    }
    expect((await world.ask('{ __typename }')).errors?.[0]?.message).toMatch(/its manifest only/)
  })
})

test('HTTP QUERY asks queries only, and says what it takes', async () => {
  const { ask, world } = await scene(false)
  expect(await ask('QUERY', { query, variables })).toMatchObject({ status: 200, data: spring })
  const change = 'mutation { deleteSession(id: "1") { session { id } } }'
  expect((await ask('QUERY', { query: change })).status).toBe(405)
  expect((await ask('GET', { query: change })).status).toBe(405)
  const refused = await rawRequest(`${world.app.url}/graphql`, { method: 'PUT' })
  expect([refused.status, refused.headers.allow]).toEqual([405, 'GET, POST, QUERY'])
})
