import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { type Change, size } from './change-log.ts'

/**
 * A change log as a file: JSON lines, a `Change` a line, as `change-log.ts` makes them.
 *
 *     {"do":"rename","session":17,"title":"Another title"}
 *     {"do":"move","session":17,"startsAt":"2027-03-27T09:00:00.000Z","room":3}
 *     {"do":"swap","sessions":[301,17]}
 *     {"do":"state","session":301,"to":"CONFIRMED"}
 *     {"do":"delete","session":301}
 *     {"do":"restore","session":301}
 *     {"do":"speakers","session":301,"speakers":[0,299]}
 *     {"do":"transfer","sessions":[0,1],"amount":5}
 *     {"do":"name","of":"track","which":14,"name":"Another name"}
 *     {"do":"bulk","sessions":[301,302,303],"language":"de"}
 *     {"do":"nothing","session":17,"how":"rollback"}
 *
 * The programme that it is replayed on has 20 rooms, 15 tracks, 300 speakers and as many sessions as the log names, all
 * numbered from 0. The first tenth of the sessions are pairs, 0 with 1, 2 with 3 ...: only they transfer, to each other,
 * and of them only titles are changed besides, because what a pair has in all is how half a transaction is known.
 *
 * @returns the changes, and how many sessions there are
 * @throws Error with the number of a line that isn't one
 */
export function readLog(file: string): { readonly changes: Change[]; readonly sessions: number } {
  const lines = readFileSync(file, 'utf8').split('\n')
  const changes = lines.flatMap((line, index) => (line.trim() === '' ? [] : [changeIn(line, index + 1)]))
  const sessions = 1 + Math.max(19, ...changes.map((change) => Math.max(...sessionsOf(change))))
  const pairs = Math.floor(sessions / 20)
  for (const [index, change] of changes.entries()) requireOwnPair(change, pairs, index + 1)
  return { changes, sessions }
}

const number = z.number().int().min(0)
const session = number
const two = z.tuple([session, session])
const one = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('rename'), session, title: z.string().min(1) }),
  z.strictObject({
    ...{ do: z.literal('move'), session, startsAt: z.iso.datetime() },
    room: number.max(size.rooms - 1),
  }),
  z.strictObject({ do: z.literal('swap'), sessions: two }),
  z.strictObject({ do: z.literal('state'), session, to: z.string() }),
  z.strictObject({ do: z.enum(['delete', 'restore']), session }),
  z.strictObject({
    do: z.literal('speakers'),
    session,
    speakers: z.array(number.max(size.speakers - 1)),
  }),
  z.strictObject({ do: z.literal('transfer'), sessions: two, amount: z.number().int() }),
  z.strictObject({
    ...{ do: z.literal('name'), of: z.enum(['room', 'track', 'speaker']), which: number },
    name: z.string().min(1),
  }),
  z.strictObject({ do: z.literal('bulk'), sessions: z.array(session).min(1), language: z.string() }),
  z.strictObject({ do: z.literal('nothing'), session, how: z.enum(['rollback', 'savepoint']) }),
]) satisfies z.ZodType<Change>

function changeIn(line: string, place: number): Change {
  try {
    const change = one.parse(JSON.parse(line))
    if (change.do === 'name' && change.which >= size[`${change.of}s`])
      throw new Error(`There is no ${change.of} ${change.which}.`)
    return change
  } catch (error) {
    throw new Error(`Line ${place} of the log is no change: ${line}`, { cause: error })
  }
}

function sessionsOf(change: Change): readonly number[] {
  if ('sessions' in change) return change.sessions
  return 'session' in change ? [change.session] : [0]
}

/** @throws Error if a pair would no longer sum to what it began with, or be seen by all */
function requireOwnPair(change: Change, pairs: number, place: number): void {
  const isInPair = sessionsOf(change).some((n) => n < pairs * 2)
  const isFine =
    change.do === 'transfer'
      ? change.sessions[0] < pairs * 2 && (change.sessions[0] ^ 1) === change.sessions[1]
      : !isInPair || ['rename', 'nothing', 'name'].includes(change.do)
  if (!isFine) throw new Error(`Change ${place} of the log does to a pair what only others may: ${change.do}`)
}
