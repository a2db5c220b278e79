import { badUserInput } from '../../errors.ts'
import type { QueryResolvers, SearchHitResolvers } from '../../generated/graphql.ts'
import { loadForAllParents } from '../../selection/batch.ts'
import { selectsAt } from '../../selection/select.ts'
import { matchedTexts, matchesIn } from './search.matches.ts'
import { parseSearch } from './search.input.ts'
import { resultTypes, search } from './search.ts'

export const searchQueries = {
  search: (_root, args, ctx, info) => {
    const asked = parseSearch(args)
    const paths = [
      ['nodes', 'node'],
      ['edges', 'node', 'node'],
    ]
    const [Session, Speaker, Track, Room] = selectsAt(info, ctx, resultTypes, paths)
    return search(ctx, asked, { Session: Session!, Speaker: Speaker!, Track: Track!, Room: Room! })
  },
} satisfies QueryResolvers

export const searchHitFields = {
  matches: async ({ id, terms }, { maxLength }, ctx, info) => {
    if (maxLength < 20) throw badUserInput([{ path: ['maxLength'], message: 'must be 20 or more.' }])
    const texts = await loadForAllParents(ctx.batches, info, id, (ids) => matchedTexts(ctx, ids, terms))
    return texts === undefined ? [] : matchesIn(ctx, texts, { terms, maxLength })
  },
} satisfies SearchHitResolvers
