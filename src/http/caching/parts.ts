import { hash as digestOf } from 'node:crypto'
import type { Viewer } from '../../access/viewer.ts'
import type { ApolloAnswer } from '../apollo-request.ts'
import type { WellFormed } from '../well-formed.ts'
import { releaseWord } from './release.ts'
import { viewerClass } from './viewer-class.ts'

/** What an answer depends on beside the data. */
export interface AnswerParts {
  /** A word for all of it. */
  readonly key: string
  /** Whether it is for everybody who isn't signed in. */
  readonly isPublic: boolean
}

/** null for variables that are nested too deep to be written down. */
export function answerParts(
  { hash, operationName, variables }: WellFormed,
  viewer: Viewer,
): AnswerParts | null {
  const whose = viewerClass(viewer)
  try {
    const parts = JSON.stringify([releaseWord(), hash, operationName, inOrder(variables ?? {}), whose])
    return { key: digestOf('sha256', parts, 'base64url'), isPublic: whose === null }
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

/** The same value in one form, however its keys stood. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1))
  return entries.map(([key, below]) => [key, inOrder(below)])
}

/**
 * Whether an answer is one to be kept: a success without any error, with something in all that was asked for, which tells
 * nothing of the request itself but what it cost. What is null may be hidden from the viewer; that there is something is
 * not to be read out of a header.
 */
export function isWhole({ status, body }: ApolloAnswer): boolean {
  if (status !== 200) return false
  const { data, errors, extensions = {} } = JSON.parse(body) as Partial<Record<string, object | null>>
  return (
    errors === undefined &&
    data !== undefined &&
    data !== null &&
    Object.values(data).every((value) => value !== null) &&
    Object.keys(extensions ?? {}).every((name) => name === 'cost')
  )
}
