import { createHmac, timingSafeEqual } from 'node:crypto'
import { closedCursor, openCursor } from '../../cursor.ts'
import { isIdentifier } from '../../paging.ts'
import { kinds } from '../node/node.compiled.ts'

/** Where a reader of a feed stands. */
export interface FeedPlace {
  /** The commit that the reader has come to: all before it is told, and all of it unless `inside` says otherwise. */
  readonly seq: bigint
  /** The commit's own token; null where the reader stands before the first one. */
  readonly token: string | null
  readonly inside: Inside | null
}

/** How far the reader has come in what is there at the place. */
export type Inside =
  /** In what the programme was when the chain began: the last row that was told. */
  | { readonly of: 'snapshot'; readonly entity: string; readonly id: string }
  /** In a commit that is longer than a page: the last revision that was told. */
  | { readonly of: 'commit'; readonly entity: string; readonly id: string; readonly version: number }

/** All that a cursor holds. */
export interface FeedCursor {
  /** 'sessions' or 'programme': what the feed is of. */
  readonly feed: string
  readonly eventId: string
  /** What the viewer might read when it was made, as one word. */
  readonly rights: string
  readonly place: FeedPlace
}

/** A cursor as it was sent, whose signature isn't looked at yet. */
export interface UnprovedCursor extends FeedCursor {
  /** @param key what the database signs by */
  isSignedBy(key: Uint8Array): boolean
}

export function feedCursorText({ feed, eventId, rights, place }: FeedCursor, key: Uint8Array): string {
  const { seq, token, inside } = place
  const parts = [feed, eventId, rights, String(seq), token, inside === null ? [] : Object.values(inside)]
  const body = closedCursor(parts)
  return `${body}.${signature(body, key)}`
}

/** @returns null where the text can't be a cursor of any feed */
export function readCursor(text: string): UnprovedCursor | null {
  const [body = '', signed = '', ...more] = text.split('.')
  const parts = more.length === 0 ? openCursor(body) : []
  const [feed, eventId, rights, seq, token, position] = parts
  const place = placeFrom(seq, token, position)
  if (typeof feed !== 'string' || typeof rights !== 'string' || !isIdentifier(eventId) || place === null)
    return null
  const isSignedBy = (key: Uint8Array) => {
    const expected = Buffer.from(signature(body, key))
    const given = Buffer.from(signed)
    return given.length === expected.length && timingSafeEqual(given, expected)
  }
  return { feed, eventId, rights, place, isSignedBy }
}

function placeFrom(seq: unknown, token: unknown, position: unknown): FeedPlace | null {
  const isPlace =
    typeof seq === 'string' && /^-?\d{1,18}$/.test(seq) && (token === null || isIdentifier(token))
  if (!isPlace || !Array.isArray(position)) return null
  const [of, entity, id, version] = position as unknown[]
  const place = { seq: BigInt(seq), token }
  if (position.length === 0) return { ...place, inside: null }
  if (typeof entity !== 'string' || !Object.hasOwn(kinds, entity) || !isIdentifier(id)) return null
  if (of === 'snapshot') return { ...place, inside: { of, entity, id } }
  if (of !== 'commit' || typeof version !== 'number' || version !== (version | 0)) return null
  return { ...place, inside: { of, entity, id, version } }
}

function signature(body: string, key: Uint8Array): string {
  return createHmac('sha256', key).update(body).digest().subarray(0, 16).toString('base64url')
}
