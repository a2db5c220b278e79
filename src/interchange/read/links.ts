import { isRecord } from '../../is-record.ts'
import {
  addressKey,
  degrees,
  faultOfPosition,
  type Link,
  type LinkKind,
  linkKinds,
  linkTitle,
  mostLinks,
  type Venue,
  venueTexts,
} from '../../links.ts'
import { cleanLine } from '../../text.ts'
import { lineOf, linkOf, listOf, proseOf, type Stated } from './stated.ts'

/** A link or an attachment as a file states it. */
export interface StatedLink {
  readonly url: Stated
  readonly title?: Stated
  /** What the file calls its kind: 'slides', 'media'. */
  readonly type?: Stated
  /** One of our own words for it, as our exports have it: such a link has no field of its own. */
  readonly service?: Stated
  readonly isAttachment?: boolean
}

/** How links are read. */
export interface LinkReading {
  /** What relative addresses are resolved against; nothing where the file names none. */
  readonly base: string | null | undefined
  /** Told what isn't kept, in the same words for the same reason. */
  readonly tell: (reason: string) => void
}

/** Links that have a field of their own: the first of each. */
export const slots = ['slides', 'video', 'audio', 'signup'] as const
export type SlotName = (typeof slots)[number]

/** The links that go to fields of their own, and the others in their order. */
export function sortedLinks(stated: readonly StatedLink[]) {
  const own: Partial<Record<SlotName, Stated>> = {}
  const others = stated.filter((link) => {
    const slot = slotOf(link)
    if (slot === null || own[slot] !== undefined) return true
    own[slot] = link.url
    return false
  })
  return { own, others }
}

function slotOf({ type, title, service }: StatedLink): SlotName | null {
  if (lineOf(service)) return null
  const [word, name] = [wordOf(type), wordOf(title)]
  if (word === 'sign up') return 'signup'
  const slot = slots.find((known) => known === word)
  if (slot !== undefined) return slot
  if (word === '' && name === 'slides') return 'slides'
  if (word === 'media' && (name === 'video' || name === 'audio')) return name
  return word === 'related' && name === 'sign up' ? 'signup' : null
}

/** The links that can be kept, each address once. */
export function foundLinks(stated: readonly StatedLink[], reading: LinkReading): Link[] {
  const links = new Map<string, Link>()
  for (const { url: address, title, type, service, isAttachment = false } of stated) {
    const url = addressIn(address, reading)
    if (url === null || links.has(addressKey(url))) continue
    const name = cleanLine(lineOf(title) ?? '', linkTitle.maxLength)
    const kind = kindOf({
      word: wordOf(service) || wordOf(type),
      name: name?.toLowerCase() ?? '',
      url,
      isAttachment,
    })
    links.set(addressKey(url), { url, ...(name === null || name === url ? {} : { title: name }), kind })
  }
  if (links.size > mostLinks) reading.tell(`has more than ${mostLinks} links; the first ones are kept.`)
  return [...links.values()].slice(0, mostLinks)
}

/** The address, if it is one that can be kept. */
export function addressIn(stated: Stated, { base, tell }: LinkReading): string | null {
  if (!lineOf(stated)) return null
  try {
    const url = linkOf(stated, base)
    if (url === undefined)
      tell('has a relative address, which leads nowhere without a base_url. It was left out.')
    return url ?? null
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    tell("has a link that isn't an absolute http(s) address without a password. It was left out.")
    return null
  }
}

/** The links in a list of JSON: texts, or { url, title, type }. */
export function linkList(list: Stated, isAttachment = false): StatedLink[] {
  return listOf(list).map((link) =>
    isRecord(link)
      ? {
          url: link['url'] ?? link['link'],
          title: link['title'] ?? link['name'],
          type: link['type'],
          isAttachment,
        }
      : { url: link, isAttachment },
  )
}

/** The links of a record of ours, if it has any: a list under that name, which JSON:API has for something else. */
export function ownLinks(
  { links }: Readonly<Record<string, Stated>>,
  tell: LinkReading['tell'],
): { readonly links?: readonly Link[] } {
  return Array.isArray(links) ? { links: foundLinks(linkList(links), { base: null, tell }) } : {}
}

/** The venue of what is stated of it; null where that is nothing, or can't be kept. */
export function venueOf(
  stated: Readonly<Record<keyof Venue, Stated>> | { name: Stated; address: Stated },
  tell: LinkReading['tell'],
): Venue | null {
  const { name, address, latitude, longitude } = { latitude: undefined, longitude: undefined, ...stated }
  const texts = {
    name: cleanLine(lineOf(name) ?? '', venueTexts.name.maxLength),
    address: cleanLines(proseOf(address) ?? '', venueTexts.address.maxLength),
  }
  const [north, east] = [latitude, longitude].map((angle) => degreesIn(angle))
  const position =
    north === undefined || east === undefined ? {} : { latitude: degrees(north), longitude: degrees(east) }
  const fault = faultOfPosition(position)
  if (fault !== null) tell(`has a position that isn't on earth: ${fault}`)
  const venue = {
    ...(texts.name === null ? {} : { name: texts.name }),
    ...(texts.address === null ? {} : { address: texts.address }),
    ...(fault === null ? position : {}),
  }
  return Object.keys(venue).length === 0 ? null : venue
}

/** Each line as one that is fit to be stored; null if nothing is left. */
function cleanLines(text: string, maxLength: number): string | null {
  const lines = text.split('\n').map((line) => cleanLine(line, maxLength))
  const whole = lines.filter((line) => line !== null).join('\n')
  return whole === '' ? null : Array.from(whole).slice(0, maxLength).join('').trim()
}

function degreesIn(stated: Stated): number | undefined {
  const angle = Number(lineOf(stated) || Number.NaN)
  return Number.isFinite(angle) ? angle : undefined
}

function wordOf(stated: Stated): string {
  return lineOf(stated)?.toLowerCase() ?? ''
}

interface Named {
  readonly word: string
  readonly name: string
  readonly url: string
  readonly isAttachment: boolean
}

/** What the file's word for it says, else what its address and its title look like. */
function kindOf(link: Named): LinkKind {
  const said = linkKinds.find((kind) => kind.toLowerCase() === link.word) ?? words[link.word]
  if (said !== undefined) return said
  if (link.isAttachment)
    return /slide|folien|pr[aä]sentation|presentation/.test(link.name) ? 'SLIDES' : 'FILE'
  const guessed = guessOf(link)
  const isMedium = guessed === 'AUDIO' || guessed === 'STREAM'
  return link.word === 'media' && !isMedium ? 'VIDEO' : guessed
}

/** The words of the formats that aren't our own. */
const words: Readonly<Record<string, LinkKind>> = {
  ...{ web: 'WEBSITE', blog: 'WEBSITE', article: 'PAPER', activitypub: 'SOCIAL', recording: 'VIDEO' },
}

function guessOf({ name, url }: Named): LinkKind {
  const { hostname, pathname } = new URL(url)
  const host = hostname.replace(/^www\./, '')
  const guess = guesses.find(
    ([, looks]) => looks.host?.test(host) || looks.path?.test(pathname) || looks.title?.test(name),
  )
  return guess?.[0] ?? 'OTHER'
}

interface Looks {
  readonly host?: RegExp
  readonly path?: RegExp
  readonly title?: RegExp
}

const guesses: readonly (readonly [LinkKind, Looks])[] = [
  ['FEEDBACK', { path: /\/feedback\b/, title: /\bfeedback\b/ }],
  [
    'VIDEO',
    {
      host: /(^|\.)(youtube\.com|youtu\.be|vimeo\.com|media\.ccc\.de)$|^video\./,
      path: /\.(mp4|webm|mkv)$/i,
      title: /\b(videos?|recordings?|aufzeichnung)\b/,
    },
  ],
  ['AUDIO', { path: /\.(mp3|ogg|opus|m4a)$/i }],
  ['STREAM', { host: /^(live|stream)\./, title: /\b(live ?stream|stream)\b/ }],
  ['CHAT', { host: /^(matrix\.to|discord\.gg|t\.me)$|^chat\./, title: /\b(chat|matrix|irc|xmpp)\b/ }],
  ['SOCIAL', { host: /(^|\.)(twitter|x|facebook|linkedin|instagram)\.com$|^mastodon\./ }],
  ['PAPER', { host: /^((dx\.)?doi|arxiv)\.org$/, title: /\b(paper|thesis)\b/ }],
  [
    'REPOSITORY',
    {
      host: /^(github\.com|gitlab\.[a-z.]+|codeberg\.org|bitbucket\.org|git\..+|(git\.)?sr\.ht)$/,
      title: /\b(repo|repository|source|sources|git)\b/,
    },
  ],
  ['WEBSITE', { title: /\b(web ?site|home ?page)\b/ }],
]
