import { createHash } from 'node:crypto'
import type { InputIssue } from '../../errors.ts'
import type { QuerySearchArgs, SearchType } from '../../generated/graphql.ts'
import { type List, type Page, pageOf } from '../../paging.ts'
import { faultOfText, line } from '../../text.ts'
import { faultsOfPieces, type Piece, piecesOf } from '../text/text.rules.ts'

/** A search as a client asked for it. */
export interface Search {
  readonly eventSlug: string
  readonly pieces: readonly Piece[]
  readonly types: readonly SearchType[]
  readonly page: Page
}

const allTypes: readonly SearchType[] = ['SESSION', 'SPEAKER', 'TRACK', 'ROOM']

/** @throws BAD_USER_INPUT for a text or a page that can't be */
export function parseSearch(args: QuerySearchArgs): Search {
  const fault = faultOfText(args.text, line)
  const pieces = fault === null ? piecesOf(args.text) : []
  const issues: InputIssue[] = [
    ...(fault === null ? [] : [{ path: ['text'], message: fault }]),
    ...faultsOfPieces(['text'], pieces),
  ]
  const slugFault = faultOfText(args.eventSlug, line)
  if (slugFault !== null) issues.push({ path: ['eventSlug'], message: slugFault })
  const types = allTypes.filter((type) => args.types?.includes(type) ?? true)
  // A place among the hits of one text means nothing among those of another.
  const asked = createHash('sha256')
    .update(JSON.stringify([pieces, types]))
    .digest('base64url')
    .slice(0, 12)
  return { eventSlug: args.eventSlug, pieces, types, page: pageOf(args, hitList(asked), issues) }
}

function hitList(asked: string): List<'SCORE'> {
  return {
    name: `Query.search ${asked}`,
    columns: { SCORE: { name: 'score', holds: 'integer', nullable: false } },
    unlessSaid: { first: 20, order: { field: 'SCORE', direction: 'DESC' } },
  }
}
