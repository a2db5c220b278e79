import { randomOf } from '../random.ts'

/**
 * What organizers do to a programme: a long log of changes, made up from a seed, so that a run can be repeated. Sessions,
 * rooms, tracks and speakers are named by their numbers.
 */
export type Change =
  | { readonly do: 'rename'; readonly session: number; readonly title: string }
  | { readonly do: 'move'; readonly session: number; readonly startsAt: string; readonly room: number }
  /** Two sessions take each other's room and time. */
  | { readonly do: 'swap'; readonly sessions: readonly [number, number] }
  | { readonly do: 'state'; readonly session: number; readonly to: string }
  | { readonly do: 'delete' | 'restore'; readonly session: number }
  | { readonly do: 'speakers'; readonly session: number; readonly speakers: readonly number[] }
  /** One gives what the other gets: a transaction that is seen half shows. */
  | { readonly do: 'transfer'; readonly sessions: readonly [number, number]; readonly amount: number }
  | {
      readonly do: 'name'
      readonly of: 'room' | 'track' | 'speaker'
      readonly which: number
      readonly name: string
    }
  | { readonly do: 'bulk'; readonly sessions: readonly number[]; readonly language: string }
  | { readonly do: 'nothing'; readonly session: number; readonly how: 'rollback' | 'savepoint' }

export const size = { rooms: 20, tracks: 15, speakers: 300 }
const states = ['DRAFT', 'PENDING', 'ACCEPTED', 'CONFIRMED', 'CONFIRMED', 'CANCELED', 'WITHDRAWN']

/** How often each is done, in a thousand. */
const weights = {
  ...{ rename: 300, move: 200, swap: 60, state: 120, delete: 40, restore: 40, speakers: 60 },
  ...{ transfer: 100, name: 40, bulk: 10, nothing: 30 },
}

/** The first tenth of the sessions are pairs that transfer; nothing else is done to their states. */
export function changeLog(
  seed: number,
  { sessions, changes }: { sessions: number; changes: number },
): Change[] {
  const random = randomOf(seed)
  const below = (n: number) => Math.floor(random() * n)
  const pairs = Math.floor(sessions / 20)
  const free = () => pairs * 2 + below(sessions - pairs * 2)
  const made: Record<keyof typeof weights, (n: number) => Change> = {
    rename: (n) => ({ do: 'rename', session: below(sessions), title: `Talk ${n}, ${words(random)}` }),
    move: () => ({ do: 'move', session: free(), startsAt: slot(below), room: below(size.rooms) }),
    swap: () => ({ do: 'swap', sessions: two(free) }),
    state: () => ({ do: 'state', session: free(), to: states[below(states.length)]! }),
    delete: () => ({ do: 'delete', session: free() }),
    restore: () => ({ do: 'restore', session: free() }),
    speakers: () => ({
      do: 'speakers',
      session: free(),
      speakers: [...new Set(Array.from({ length: below(4) }, () => below(size.speakers)))],
    }),
    transfer: () => {
      const pair = below(pairs) * 2
      return { do: 'transfer', sessions: [pair, pair + 1], amount: 1 + below(9) }
    },
    name: (n) => {
      const of = (['room', 'track', 'speaker'] as const)[below(3)]!
      return { do: 'name', of, which: below(size[`${of}s`]), name: `${of} ${n}` }
    },
    bulk: () => ({
      do: 'bulk',
      sessions: [...new Set(Array.from({ length: 30 }, free))],
      language: ['de', 'en', 'fr'][below(3)]!,
    }),
    nothing: () => ({ do: 'nothing', session: free(), how: random() < 0.5 ? 'rollback' : 'savepoint' }),
  }
  const bag = Object.entries(weights).flatMap(([kind, weight]) =>
    Array.from({ length: weight }, () => kind as keyof typeof weights),
  )
  return Array.from({ length: changes }, (_, n) => made[bag[below(bag.length)]!](n))
}

function slot(below: (n: number) => number): string {
  return new Date(Date.UTC(2027, 2, 27 + below(2), 8 + below(10), 15 * below(4))).toISOString()
}

function two(pick: () => number): [number, number] {
  const first = pick()
  for (;;) {
    const second = pick()
    if (second !== first) return [first, second]
  }
}

function words(random: () => number): string {
  const all = ['time', 'zones', 'für', 'データ', 'the', 'open', 'event', '🦆', 'of', 'Kraków']
  return Array.from({ length: 3 }, () => all[Math.floor(random() * all.length)]).join(' ')
}
