import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import type { Change } from './change-log.ts'
import type { Scene } from './scene.ts'

/** A server that may be killed and comes back at the same address. */
export interface Target {
  readonly url: string
  readonly token: string
}

/** What became of the changes: made, refused (deleted sessions can't be changed ...), or tried again. */
export interface Written {
  made: number
  refused: number
  again: number
}

/** What the API has one mutation for; the others are written as psql would. */
const apiKinds = ['rename', 'move', 'speakers', 'state', 'delete', 'restore'] as const
type ApiChange = Extract<Change, { do: (typeof apiKinds)[number] }>
type SqlChange = Exclude<Change, ApiChange>

export function isByApi(change: Change): change is ApiChange {
  return apiKinds.some((kind) => kind === change.do)
}

/** By the API: changes are sent again until they are answered, with a key, so that none is made twice. */
export async function writeByApi(
  change: ApiChange,
  scene: Scene,
  target: Target,
  written: Written,
): Promise<void> {
  const asked = mutationOf(change, scene)
  const key = randomUUID()
  for (;;) {
    try {
      const response = await fetch(`${target.url}/graphql`, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'idempotency-key': key,
          authorization: `Bearer ${target.token}`,
        },
        body: JSON.stringify(asked),
      })
      const { errors } = (await response.json()) as { errors?: { extensions: { code: string } }[] }
      const code = errors?.[0]?.extensions.code
      if (code === undefined) {
        written.made += 1
        return
      }
      if (code === 'INTERNAL_SERVER_ERROR') throw new InternalError(JSON.stringify(errors))
      if (code !== 'UNAVAILABLE') {
        written.refused += 1
        return
      }
    } catch (error) {
      if (error instanceof InternalError) throw error
      // The server was killed.
    }
    written.again += 1
    await sleep(50 + Math.random() * 100)
  }
}

class InternalError extends Error {}

function mutationOf(change: ApiChange, scene: Scene): { query: string; variables: object } {
  const id = scene.sessions[change.session]
  const update = (patch: object) => ({
    query:
      'mutation ($id: ID!, $patch: SessionPatch!) { updateSession(id: $id, patch: $patch) { session { id } } }',
    variables: { id, patch },
  })
  switch (change.do) {
    case 'rename':
      return update({ title: change.title })
    case 'move': {
      const endsAt = new Date(Date.parse(change.startsAt) + 1_800_000).toISOString()
      return update({ startsAt: change.startsAt, endsAt, roomId: scene.rooms[change.room] })
    }
    case 'speakers':
      return update({ speakerIds: change.speakers.map((n) => scene.speakers[n]) })
    case 'state':
      return {
        query:
          'mutation ($id: ID!, $to: SessionState!) { changeSessionState(id: $id, to: $to) { session { id } } }',
        variables: { id, to: change.to },
      }
    case 'delete':
      return { query: 'mutation ($id: ID!) { deleteSession(id: $id) { session { id } } }', variables: { id } }
    case 'restore':
      return {
        query: 'mutation ($id: ID!) { restoreSession(id: $id) { session { id } } }',
        variables: { id },
      }
  }
}

/** By raw SQL: a transaction that is refused for others' sake (a deadlock, a lock) is begun again. */
export async function writeBySql(
  change: SqlChange,
  scene: Scene,
  client: pg.Client,
  written: Written,
): Promise<void> {
  for (;;) {
    try {
      await client.query('BEGIN')
      await statementsOf(change, scene, client)
      await client.query(change.do === 'nothing' && change.how === 'rollback' ? 'ROLLBACK' : 'COMMIT')
      written.made += 1
      return
    } catch (error) {
      await client.query('ROLLBACK')
      if (!['40P01', '40001', '55P03'].includes(String((error as { code?: string }).code))) throw error
      written.again += 1
    }
  }
}

async function statementsOf(change: SqlChange, scene: Scene, client: pg.Client): Promise<void> {
  const session = (n: number) => scene.sessions[n]
  switch (change.do) {
    case 'swap': {
      const [a, b] = change.sessions.map(session)
      await client.query(
        `UPDATE sessions s SET starts_at = o.starts_at, ends_at = o.ends_at, room_id = o.room_id
         FROM sessions o WHERE (s.id, o.id) IN (($1::uuid, $2::uuid), ($2, $1))`,
        [a, b],
      )
      return
    }
    case 'transfer': {
      const [from, to] = change.sessions.map(session)
      const give = 'UPDATE sessions SET subtitle = (subtitle::integer + $1)::text WHERE id = $2'
      await client.query(give, [-change.amount, from])
      await client.query(give, [change.amount, to])
      return
    }
    case 'name':
      await client.query(`UPDATE ${change.of}s SET name = $1 WHERE id = $2`, [
        change.name,
        scene[`${change.of}s`][change.which],
      ])
      return
    case 'bulk':
      await client.query('UPDATE sessions SET language = $1 WHERE id = ANY ($2)', [
        change.language,
        change.sessions.map(session),
      ])
      return
    case 'nothing': {
      const title = 'UPDATE sessions SET title = $1 WHERE id = $2'
      const id = session(change.session)
      if (change.how === 'savepoint') await client.query('SAVEPOINT s')
      await client.query(title, ['Never seen', id])
      if (change.how === 'savepoint') await client.query('ROLLBACK TO s')
    }
  }
}
