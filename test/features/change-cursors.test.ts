import { expect, test } from 'vitest'
import { randomOf } from '../random.ts'
import { createWorld, type World } from '../world.ts'
import { Copy } from './copy.ts'
import { createProgramme, createSession } from './programme.ts'

test.each([
  { reader: 'everybody', feed: 'sessions', seed: 1 },
  { reader: 'everybody', feed: 'programme', seed: 2 },
  { reader: 'an organizer', feed: 'sessions', seed: 3 },
  { reader: 'an organizer', feed: 'programme', seed: 4 },
] as const)(
  'pages of every size tell $reader the same changes of $feed, and each cursor goes on behind its own',
  async ({ reader, feed, seed }) => {
    const world = await createWorld()
    const ask = reader === 'everybody' ? world.ask : world.organize
    await fill(world)
    // Places get a digit more on the way.
    await world.sql(`SELECT setval('programme_places', 94)`)
    const snapshot = new Copy(ask, feed)
    await snapshot.catchUp()
    const begin = snapshot.cursor!
    const transactions = randomTransactions(seed, 12)
    for (const transaction of transactions) await world.sql(transaction)

    const following = (cursor: string, first: number) => {
      const copy = new Copy(ask, feed, first)
      copy.cursor = cursor
      return copy.catchUp()
    }
    const all = await following(begin, 200)
    // How many there are follows from the rows' ids, which are others each time.
    expect(all).not.toEqual([])
    for (const size of [1, 2, 3, 5]) {
      expect({ size, transactions, entries: await following(begin, size) }).toEqual({
        size,
        transactions,
        entries: all,
      })
    }
    // What comes along with a row shares the cursor before it, until all of it is told.
    const cursors = all.map(({ cursor }) => cursor)
    for (const cursor of new Set(cursors)) {
      const rest = all.slice(cursor === begin ? 0 : cursors.indexOf(cursor) + 1)
      expect({ cursor, transactions, entries: await following(cursor, 200) }).toEqual({
        cursor,
        transactions,
        entries: rest,
      })
    }
  },
)

async function fill(world: World): Promise<void> {
  const programme = await createProgramme(world)
  const [ada, bo] = programme.speakers
  for (let n = 0; n < 6; n += 1) {
    await createSession(world, programme, {
      title: `Session ${n}`,
      state: n % 2 === 0 ? 'CONFIRMED' : 'DRAFT',
      speakerIds: n % 3 === 0 ? [ada, bo] : [ada],
      ...(n < 3 ? { roomId: programme.rooms[0] } : { trackId: programme.tracks[0] }),
    })
  }
}

/** Transactions of one to four statements, by a seed. */
function randomTransactions(seed: number, count: number): string[] {
  const random = randomOf(seed)
  const below = (n: number) => Math.floor(random() * n)
  const some = () => `abs(hashtext(id::text || '${below(1_000)}')) % ${2 + below(3)} = 0`
  const kinds = [
    (n: number) => `UPDATE sessions SET title = 'Title ${n}' WHERE ${some()}`,
    () => `UPDATE sessions SET state = 'confirmed' WHERE ${some()}`,
    () => `UPDATE sessions SET state = 'pending' WHERE ${some()}`,
    () => `UPDATE sessions SET deleted_at = date_trunc('milliseconds', now()) WHERE ${some()}`,
    () => `UPDATE sessions SET deleted_at = NULL`,
    (n: number) => `UPDATE speakers SET name = 'Speaker ${n}' WHERE ${some()}`,
    (n: number) => `UPDATE rooms SET name = 'Room ${n} ' || id WHERE ${some()}`,
    (n: number) => `UPDATE tracks SET name = 'Track ${n} ' || id`,
    (n: number) => `UPDATE events SET name = 'Event ${n}'`,
    () => `DELETE FROM session_speakers WHERE abs(hashtext(session_id::text || '${below(1_000)}')) % 3 = 0`,
  ]
  return Array.from({ length: count }, (_, n) =>
    // Each has at least one change.
    [kinds[0]!, ...Array.from({ length: below(4) }, () => kinds[below(kinds.length)]!)]
      .map((kind, part) =>
        part === 0 ? `UPDATE sessions SET subtitle = '${n}' WHERE state <> 'draft'` : kind(n),
      )
      .join('; '),
  )
}
