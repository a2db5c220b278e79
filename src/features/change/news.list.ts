import {
  type Connection,
  connectionOf,
  type List,
  type PageArguments,
  pageOf,
  type Position,
} from '../../paging.ts'
import type { SummaryOfChanges } from './news.ts'

type News = SummaryOfChanges['news'][number]

const newsList: List<'STARTS_AT'> = {
  name: 'ChangesSummary.changes',
  columns: { STARTS_AT: { name: 'startsAt', holds: 'instant', nullable: true } },
  unlessSaid: { first: 50, order: { field: 'STARTS_AT', direction: 'ASC' } },
}

/** One page of what is news. @throws BAD_USER_INPUT */
export function newsPage(
  { news, eventId }: SummaryOfChanges,
  args: PageArguments<'STARTS_AT'>,
): Connection<News> {
  const page = pageOf(args, newsList)
  const rows = page.after === null ? news : news.filter((row) => isBehind(row, page.after!))
  return connectionOf(rows.slice(0, page.size + 1), page, { of: eventId, total: news.length })
}

function isBehind({ startsAt, id }: News, place: Position): boolean {
  const [at, placeAt] = [
    startsAt?.getTime() ?? Infinity,
    place.value === null ? Infinity : Number(place.value),
  ]
  return at === placeAt ? id > place.id : at > placeAt
}
