import { badUserInput } from '../../errors.ts'
import type { QueryResolvers, SearchHitResolvers } from '../../generated/graphql.ts'
import { isSelected, selectsAt } from '../../selection/select.ts'
import { matchesIn } from './search.matches.ts'
import { parseSearch } from './search.input.ts'
import { search } from './search.ts'

export const searchQueries = {
  search: (_root, args, ctx, info) => {
    const asked = parseSearch(args)
    const hits = [['nodes'], ['edges', 'node']]
    const nodes = hits.map((path) => [...path, 'node'])
    const types = ['Session', 'Speaker', 'Track', 'Room'] as const
    const [Session, Speaker, Track, Room] = selectsAt(info, ctx, types, nodes)
    const selects = { Session: Session!, Speaker: Speaker!, Track: Track!, Room: Room! }
    const wantsMatches = hits.some((path) => isSelected(info, ctx, ...path, 'matches'))
    return search(ctx, asked, { selects, wantsMatches })
  },
} satisfies QueryResolvers

export const searchHitFields = {
  matches: ({ matched, terms }, { maxLength }, ctx) => {
    if (maxLength < 20) throw badUserInput([{ path: ['maxLength'], message: 'must be 20 or more.' }])
    // They are read if they are selected.
    return matchesIn(ctx, matched!, { terms, maxLength })
  },
} satisfies SearchHitResolvers
