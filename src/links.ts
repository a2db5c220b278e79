import { isRecord } from './is-record.ts'
import { heading, type TextRule } from './text.ts'

/** What an address leads to. */
export const linkKinds = [
  ...(['WEBSITE', 'SLIDES', 'VIDEO', 'AUDIO', 'STREAM', 'CHAT'] as const),
  ...(['REPOSITORY', 'FEEDBACK', 'PAPER', 'SOCIAL', 'FILE', 'OTHER'] as const),
] as const

export type LinkKind = (typeof linkKinds)[number]

/**
 * A link of an event, a session or a speaker, as it is stored: without nulls, which the history leaves out. A type, so that
 * it is JSON to the compiler.
 */
export type Link = {
  readonly url: string
  readonly title?: string
  readonly kind: LinkKind
}

/** Where an event happens, as it is stored; something of it is there. */
export type Venue = {
  readonly name?: string
  readonly address?: string
  /** In degrees of WGS 84, of six decimals, both or neither. */
  readonly latitude?: number
  readonly longitude?: number
}

/** The most links that an event, a session or a speaker may have. */
export const mostLinks = 20

export const linkTitle: TextRule = { ...heading, maxLength: 300 }

export const venueTexts = {
  name: { ...heading, maxLength: 300 },
  address: { maxLength: 1_000, lines: 'many', mayBeBlank: false },
} as const satisfies Record<string, TextRule>

/** What makes two addresses the same: how a browser writes them. */
export function addressKey(url: string): string {
  return new URL(url).href
}

/**
 * The address as RFC 3986 has it, which is all that schemas and strict readers take: its host in ASCII, and escaped what
 * can't stand in an address. One that is so already stays as it is.
 *
 * @param url an absolute http(s) address
 */
export function uriOf(url: string): string {
  if (uri.test(url)) return url
  const { protocol, hostname, port, pathname, search, hash } = new URL(url)
  const host = hostname.startsWith('[') ? hostname : escapedOf(hostname)
  const place = `${protocol}//${host}${port && `:${port}`}${escapedOf(pathname)}${escapedOf(search)}`
  return `${place}${hash && `#${escapedOf(hash.slice(1)).replaceAll('#', '%23')}`}`
}

const uri =
  /^https?:\/\/(\[[\da-f:.]+\]|(%[\da-f]{2}|[\w\-.~!$&'()*+,;=])+)(:\d+)?([/?](%[\da-f]{2}|[\w\-.~:/?@!$&'()*+,;=])*)?(#(%[\da-f]{2}|[\w\-.~:/?@!$&'()*+,;=])*)?$/i

function escapedOf(text: string): string {
  return text.replace(/%(?![\da-f]{2})|[^\w\-.~:/?#@!$&'()*+,;=%]/giu, encodeURIComponent)
}

/** What is wrong with a position, in words for the person who sent it; null if nothing is. */
export function faultOfPosition({ latitude, longitude }: Venue): string | null {
  if ((latitude === undefined) !== (longitude === undefined)) return 'latitude and longitude go together.'
  if (latitude === undefined || longitude === undefined) return null
  const isOnEarth = Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180
  return isOnEarth ? null : 'latitude is -90 to 90 and longitude -180 to 180, in degrees.'
}

/** An angle of six decimals, which is a tenth of a metre on the ground. */
export function degrees(angle: number): number {
  // No zero below zero: it would be another text in JSON.
  return Math.round(angle * 1e6) / 1e6 || 0
}

/** The links in a column of JSON. A kind that this release doesn't know is OTHER; what is no link is left out. */
export function linksIn(stored: unknown): Link[] {
  const entries: unknown[] = Array.isArray(stored) ? stored : []
  return entries.filter(isRecord).flatMap(({ url, title, kind }) => {
    if (typeof url !== 'string') return []
    const known = linkKinds.find((word) => word === kind) ?? 'OTHER'
    return [{ url, ...(typeof title === 'string' ? { title } : {}), kind: known }]
  })
}

/** The venue in a column of JSON. */
export function venueIn(stored: unknown): Venue | null {
  if (!isRecord(stored)) return null
  const { name, address, latitude, longitude } = stored
  return {
    ...(typeof name === 'string' ? { name } : {}),
    ...(typeof address === 'string' ? { address } : {}),
    ...(typeof latitude === 'number' ? { latitude } : {}),
    ...(typeof longitude === 'number' ? { longitude } : {}),
  }
}
