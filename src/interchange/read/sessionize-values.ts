import { isRecord } from '../../is-record.ts'
import type { FoundSession, SessionLevel } from './found.ts'
import { idOf, lineOf, listOf, type Stated } from './stated.ts'

/** A session, a speaker, a room or a category. */
export type Item = Readonly<Record<string, Stated>>

/** What of each category a session chose: all data has the ids of the choices, the grid has the choices. */
export function chosenIn(item: Item, categories: readonly Item[]) {
  const ids = new Set(listOf(item['categoryItems']).map(idOf))
  const ofGrid = listOf(item['categories']).filter(isRecord)
  const all = [
    ...categories.map(
      (category) =>
        [
          category,
          listOf(category['items']).filter((one) => isRecord(one) && ids.has(idOf(one['id']))),
        ] as const,
    ),
    ...ofGrid.map((category) => [category, listOf(category['categoryItems'])] as const),
  ]
  return all.flatMap(([category, choices]) => {
    const title = lineOf(category['title'] ?? category['name']) ?? ''
    return choices.filter(isRecord).flatMap((choice) => {
      const name = lineOf(choice['name'])
      return name == null ? [] : [{ title, name, id: choice['id'] }]
    })
  })
}

/** Null for a level that isn't one of ours. */
export function levelNamed(name: string | undefined): SessionLevel | null {
  if (name === undefined) return null
  if (/beginner|introduct|basic|100/i.test(name)) return 'BEGINNER'
  if (/intermediate|200/i.test(name)) return 'INTERMEDIATE'
  if (/expert|400/i.test(name)) return 'EXPERT'
  return /advanced|300/i.test(name) ? 'ADVANCED' : null
}

/** Breaks and the like, which are in the programme without having been submitted, have no state. */
export function stateOf({ status, isConfirmed }: Item): FoundSession['state'] {
  switch (lineOf(status)?.toLowerCase() ?? '') {
    case 'accepted':
      return { value: isConfirmed === false ? 'ACCEPTED' : 'CONFIRMED', isStated: true }
    case 'nominated':
    case 'accept_queue':
    case 'decline_queue':
    case 'waitlisted':
      return { value: 'PENDING', isStated: true }
    case 'declined':
      return { value: 'REJECTED', isStated: true }
    default:
      return { value: 'CONFIRMED', isStated: false }
  }
}
