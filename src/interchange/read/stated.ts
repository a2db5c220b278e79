import { isRecord } from '../../is-record.ts'
import { isId } from '../../paging.ts'
import { isBlank, isWebAddress, urlOf } from '../../text.ts'

/**
 * What files state, made of loosely typed values: XML gives texts only, and JSON exporters differ in what they
 * quote, translate or leave out. `undefined` in, `undefined` out: the file doesn't know such a value.
 */
export type Stated = unknown

/**
 * Free text as it stands, without the blanks around it and without control characters, which nobody sees and real
 * programmes carry along; null where that leaves nothing.
 */
export function proseOf(stated: Stated): string | null | undefined {
  if (stated === undefined) return undefined
  const text = plainTextOf(stated)?.toWellFormed().replace(controlButLineBreaks, '').trim() ?? ''
  return isBlank(text) ? null : text
}

// oxlint-disable-next-line no-control-regex
const controlButLineBreaks = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/g

/** Text of one line: any run of blanks and line breaks, which is how XML files are laid out, counts as one blank. */
export function lineOf(stated: Stated): string | null | undefined {
  return proseOf(stated)?.replace(/\s+/g, ' ') ?? (stated === undefined ? undefined : null)
}

/** An identifier: text or a number. A UUID is the same in capitals, and is spelled in small letters. */
export function idOf(stated: Stated): string | null {
  const id = typeof stated === 'string' || typeof stated === 'number' ? (lineOf(stated) ?? null) : null
  return id !== null && isId(id) ? id.toLowerCase() : id
}

/** A translated text ({ "de": ..., "en": ... }) is read in English, else in its first language; a named thing by its name. */
function plainTextOf(stated: Stated): string | null {
  if (typeof stated === 'string') return stated
  if (typeof stated === 'number') return String(stated)
  if (!isRecord(stated)) return null
  return plainTextOf(
    stated['name'] ?? stated['en'] ?? Object.values(stated).find((value) => typeof value === 'string'),
  )
}

/** A whole number that isn't negative; null for anything else. */
export function wholeNumberOf(stated: Stated): number | null | undefined {
  if (stated === undefined) return undefined
  const count = Number(proseOf(stated) ?? Number.NaN)
  return Number.isSafeInteger(count) && count >= 0 && count <= 0x7fffffff ? count : null
}

/** '#RRGGBB' or '#RGB' -> '#rrggbb'; null for anything else. */
export function colorOf(stated: Stated): string | null | undefined {
  if (stated === undefined) return undefined
  const digits = /^#?([0-9a-f]{6}|[0-9a-f]{3})$/.exec(proseOf(stated)?.toLowerCase() ?? '')?.[1]
  if (digits === undefined) return null
  return `#${digits.length === 3 ? digits.replace(/./g, '$&$&') : digits}`
}

/**
 * An absolute http(s) link. A relative one is resolved where the file names its base; without a base it points into
 * the archive or server that the file came from, which leads nowhere from here, so it counts as no link.
 *
 * @returns undefined where there is no link
 * @throws RangeError for what is no link at all, such as 'http: //example.org' or 'javascript:...'
 */
export function linkOf(stated: Stated, base?: string | null): string | undefined {
  const text = proseOf(stated)
  if (text === undefined || text === null) return undefined
  const address = text.replace(/^https?:/i, (scheme) => scheme.toLowerCase())
  if (isWebAddress(address)) return address
  // 'www.example.org/x' is a relative path to a parser and an address to whoever wrote it.
  const isRelative = /^(?!\/\/)[^\s:]*\/[^\s]*$/.test(text) && !/^[^/]+\.[^/]+\//.test(text)
  if (!isRelative)
    throw new RangeError(`${JSON.stringify(text.slice(0, 200))} isn't an absolute http(s) URL.`)
  return base && /^https?:/i.test(base) ? urlOf(text, base)?.href : undefined
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

/** The object without the keys whose value is undefined: what a file doesn't know isn't there. */
export function known<Values extends object>(values: Values): Known<Values> {
  // Object.fromEntries forgets the keys that Known<> spells out again.
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as Known<Values>
}

type Known<Values> = { [Key in keyof Values as undefined extends Values[Key] ? never : Key]: Values[Key] } & {
  [Key in keyof Values as undefined extends Values[Key] ? Key : never]?: Exclude<Values[Key], undefined>
}

/** The links that there are; what is no link goes to the faults, under its name. */
export function linksOf<Name extends string>(
  stated: Readonly<Record<Name, Stated>>,
  faults: string[],
  base?: string | null,
): { [Key in Name]?: string } {
  const links: { [Key in Name]?: string } = {}
  for (const name of Object.keys(stated) as Name[]) {
    try {
      const link = linkOf(stated[name], base)
      if (link !== undefined) links[name] = link
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      faults.push(`${name}: ${error.message}`)
    }
  }
  return links
}
