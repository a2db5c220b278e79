import { createHmac } from 'node:crypto'
import type { ProgrammeClock } from '../../features/change/change.clock.ts'
import type { Coding } from '../compression.ts'
import { matchedTag } from '../if-none-match.ts'

/** The two validators of what is answered, without the coding that it is sent in. */
export interface Validator {
  /** What stands between the quotes of the entity tag of the plain form. */
  readonly word: string
  readonly lastModified: string
}

/**
 * A word for one answer at one place in the programme's commit order, which nobody can guess who wasn't given it.
 *
 * @param parts all else that the answer depends on
 */
export function validatorOf(
  { eventId, seq, token, key, committedAt }: ProgrammeClock,
  parts: unknown,
): Validator {
  const text = JSON.stringify([eventId, String(seq), token, parts])
  const word = createHmac('sha256', key).update(text).digest().subarray(0, 18).toString('base64url')
  return { word, lastModified: committedAt.toUTCString() }
}

/** A strong entity tag: each coding has other bytes, so it has another tag. */
export function entityTag({ word }: Validator, coding: Coding | null): string {
  return coding === null ? `"${word}"` : `"${word}-${coding}"`
}

/**
 * Finds the form of an answer that If-None-Match names.
 *
 * @param preferred the coding that the client would be given
 * @returns the tag that matched, that of the preferred coding first, for '*' that one; null where none does
 */
export function matchingTag(
  header: string | undefined,
  validator: Validator,
  preferred: Coding | null,
): string | null {
  // Most who ask have nothing yet.
  if (header === undefined) return null
  const codings = [preferred, null, 'br', 'gzip'] as const
  return matchedTag(
    header,
    codings.map((coding) => entityTag(validator, coding)),
  )
}
