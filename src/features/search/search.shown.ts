import { unlessTooMuch } from '../../compiled/text-budget.ts'
import { Prisma } from '../../generated/prisma/client.ts'
import type { SearchType } from '../../generated/graphql.ts'
import type { Select } from '../../selection/merge.ts'
import { isTold, rowAsJson } from '../node/node.compiled.ts'
import { tableOf } from '../tables.ts'

/** What a search finds. */
export const entities = { SESSION: 'session', SPEAKER: 'speaker', TRACK: 'track', ROOM: 'room' } as const

/** The GraphQL types of that. */
export const resultTypes = { SESSION: 'Session', SPEAKER: 'Speaker', TRACK: 'Track', ROOM: 'Room' } as const

/** What is read of the hits of a page. */
export interface Shown {
  /** What is wanted of each type. */
  readonly selects: Readonly<Record<(typeof resultTypes)[SearchType], Select>>
  /** Whether it is told what of their texts matched. */
  readonly wantsMatches: boolean
}

/**
 * SQL of the row of a hit `p` as JSON, with those that it refers to; NULL of a type of which more is wanted than one statement
 * can tell.
 */
export function nodeOfHit({ selects }: Shown): Prisma.Sql {
  const told = (Object.keys(entities) as SearchType[]).flatMap((type) => {
    const [entity, select] = [entities[type], selects[resultTypes[type]]]
    if (!isTold(entity, select)) return []
    const row = Prisma.sql`SELECT ${rowAsJson(entity, 'n', select)} FROM ${tableOf(entity)} n WHERE n.id = p.id`
    return Prisma.sql`WHEN ${type} THEN (${row})`
  })
  return told.length === 0 ? Prisma.sql`NULL` : Prisma.sql`CASE p.type ${Prisma.join(told, ' ')} END`
}

/** SQL of the `MatchedTexts` of a hit `p` as JSON; of what was asked for, `asked` has the terms. NULL if they aren't wanted. */
export function matchedOfHit({ wantsMatches }: Shown): Prisma.Sql {
  if (!wantsMatches) return Prisma.sql`NULL`
  const formatted = (row: string) => Prisma.raw(`upper(${row}.text_format::text)`)
  return Prisma.sql`json_build_object('texts', CASE p.type
    WHEN 'SESSION' THEN (
      SELECT json_build_array(
        ${textAsJson('TITLE', 's.title')}, ${textAsJson('SUBTITLE', 's.subtitle')},
        json_build_object('field', 'SPEAKER', 'format', 'PLAIN', 'text', (
          SELECT string_agg(l.name, ', ' ORDER BY k.position, k.speaker_id)
          FROM session_speakers k JOIN speakers l ON l.id = k.speaker_id
          WHERE k.event_id = s.event_id AND k.session_id = s.id AND l.deleted_at IS NULL)),
        json_build_object('field', 'TRACK', 'format', 'PLAIN', 'text', (
          SELECT t.name FROM tracks t WHERE t.id = s.track_id AND t.deleted_at IS NULL)),
        json_build_object('field', 'ROOM', 'format', 'PLAIN', 'text', (
          SELECT r.name FROM rooms r WHERE r.id = s.room_id AND r.deleted_at IS NULL)),
        ${textAsJson('ABSTRACT', 's.abstract', formatted('s'))},
        ${textAsJson('DESCRIPTION', 's.description', formatted('s'))})
      FROM sessions s WHERE s.id = p.id)
    WHEN 'SPEAKER' THEN (
      SELECT json_build_array(
        ${textAsJson('NAME', 'l.name')}, ${textAsJson('ORGANISATION', 'l.organisation')},
        ${textAsJson('BIOGRAPHY', 'l.biography', formatted('l'))})
      FROM speakers l WHERE l.id = p.id)
    WHEN 'TRACK' THEN (
      SELECT json_build_array(${textAsJson('NAME', 't.name')}, ${textAsJson('DESCRIPTION', 't.description')})
      FROM tracks t WHERE t.id = p.id)
    ELSE (SELECT json_build_array(${textAsJson('NAME', 'r.name')}) FROM rooms r WHERE r.id = p.id)
  END, 'stemmed', ${stemmed})`
}

function textAsJson(field: string, text: string, format: Prisma.Sql = Prisma.sql`'PLAIN'`): Prisma.Sql {
  const shown = Prisma.raw(unlessTooMuch(text, text))
  return Prisma.sql`json_build_object('field', ${field}::text, 'text', ${shown}, 'format', ${format})`
}

/**
 * Which words of a hit `p` have which of the stems that are asked for: the word and the stem stand at one place. The few
 * stems come first; a look at each pair of its words takes a long text tens of milliseconds.
 */
const stemmed = Prisma.sql`(
    SELECT coalesce(json_agg(DISTINCT jsonb_build_object('stem', substr(stem.lexeme, 11), 'word', substr(word.lexeme, 12))), '[]')
    FROM search_documents d
    CROSS JOIN LATERAL (
      SELECT lexeme, positions FROM unnest(d.words)
      WHERE substr(lexeme, 11) = ANY ((
        SELECT array_agg(form[1]) FROM asked, unnest(terms) term, regexp_matches(term, '''K(~[^'']+)''', 'g') form
      )::text[]) OFFSET 0) stem
    CROSS JOIN LATERAL (
      SELECT lexeme FROM unnest(d.words)
      WHERE positions && stem.positions AND substr(lexeme, 11, 1) = ':' OFFSET 0) word
    WHERE d.id = p.id)`
