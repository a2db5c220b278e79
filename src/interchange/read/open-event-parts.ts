import { foundFormat } from '../../markup/format.ts'
import { partRegister, type Entry } from './part-register.ts'
import { firstOf, idsOf, type OpenEventRecord, referenceOf } from './open-event-records.ts'
import { namesOf, unkept } from './unkept.ts'
import { firstProse, lengthOf, statedFormat } from './open-event-values.ts'
import type { Fault } from './faults.ts'
import { foundLinks, type LinkReading, ownLinks } from './links.ts'
import type { FoundRoom, FoundSessionType, FoundTrack, FoundSpeakerValues } from './found.ts'
import { colorOf, wholeNumberOf, idOf, known, lineOf, linksOf, proseOf, type Stated } from './stated.ts'

/** What is found wrong, or said in two ways, about a reference. */
export interface Findings {
  readonly faults: string[]
  readonly tell: (reason: string) => void
}

/** One kind of things that sessions refer to, while the export is being read. */
export interface PartList<Values extends { readonly name: string }> {
  /** A record of the kind's own list; nothing where it has no name. */
  note(record: OpenEventRecord, place: string): Entry<Values> | null
  /**
   * What a session refers to: the part of that id and name, else of that id, else the one that the session itself
   * describes. To be asked when all lists were read. Null where there is no reference, or one to nothing, which is
   * added to the faults. A name that isn't that of the id is told.
   */
  refer(stated: Stated, place: string, findings: Findings): Entry<Values> | null
  settled(): readonly Entry<Values>[]
}

export function trackList(): PartList<FoundTrack['values']> {
  return partList('track', (record) =>
    known({ color: colorOf(record['color']), description: proseOf(record['description']) }),
  )
}

export function roomList(): PartList<FoundRoom['values']> {
  return partList('microlocation', (record) =>
    known({ floor: lineOf(record['floor']), capacity: wholeNumberOf(record['capacity']) }),
  )
}

export function sessionTypeList(): PartList<FoundSessionType['values']> {
  return partList('session type', (record) => known({ durationMinutes: lengthOf(record['length']) }))
}

/** @param told is given what of them can't be kept */
export function speakerList(told: Fault[]): PartList<FoundSpeakerValues> {
  return partList('speaker', (record, faults, place) => {
    const tell = (reason: string) => void told.push({ place, reason })
    unkept(record, keptOfSpeakers).forEach(tell)
    return {
      ...foundFormat(statedFormat(record), firstProse(record, ...biographies)),
      ...known({
        biography: firstProse(record, ...biographies),
        organisation: lineOf(firstOf(record, 'organisation', 'organization')),
        country: lineOf(record['country']),
      }),
      ...linksOf({ photoUrl: firstOf(record, 'photo_url', 'photo'), websiteUrl: record['website'] }, faults),
      ...pagesOf(record, tell),
      ...ownLinks(record, tell),
    }
  })
}

/** What is read, what says it in another way, and what nobody looks at: how to reach the person. */
const keptOfSpeakers = namesOf(
  `id type name long_biography short_biography biography organisation organization country photo photo_url website
  twitter mastodon github linkedin facebook instagram sessions thumbnail thumbnail_image_url small small_image_url icon
  icon_image_url email mobile phone featured is_featured created_at deleted_at links
  guid text_format`,
)

function partList<Values extends { readonly name: string }>(
  what: string,
  valuesOf: (record: OpenEventRecord, faults: string[], place: string) => Omit<Values, 'name'>,
): PartList<Values> {
  const entries = partRegister<Values>()
  const note = (record: OpenEventRecord, place: string) => {
    const { name, key } = identityOf(record)
    if (name === null) return null
    const faults: string[] = []
    // Omit<> of a type parameter and the name again is the type parameter, which the compiler can't see.
    const values = { name, ...valuesOf(record, faults, place) } as unknown as Values
    return entries.note([key], { ids: idsOf(record), place, values, faults })
  }
  return {
    note,
    refer(stated, place, { faults, tell }) {
      const reference = referenceOf(stated)
      if (reference === null) return null
      const { id, name, key } = identityOf(reference)
      // Some exports have { "id": "", "name": "" } where nobody is named.
      if (id === null && name === null) return null
      const byId = id === null ? undefined : entries.findById(id)
      const listed = entries.find(key) ?? byId
      if (name !== null && listed !== undefined && listed.values.name !== name) {
        tell(`names another ${what} than the one that has the id which it refers to; the id counts.`)
      }
      const entry = listed ?? note(reference, place)
      if (entry === null) faults.push(`refers to the ${what} ${id}, which the export doesn't have.`)
      return entry
    },
    settled: () => entries.settled(),
  }
}

/** The pages of a person in networks that records have keys for. */
function pagesOf(record: OpenEventRecord, tell: LinkReading['tell']): Pick<FoundSpeakerValues, 'links'> {
  const stated = Object.entries(networks).map(([key, title]) => ({
    ...{ url: record[key], title },
    type: key === 'github' ? 'repository' : 'social',
  }))
  if (stated.every(({ url }) => url === undefined)) return {}
  return { links: foundLinks(stated, { base: null, tell }) }
}

const networks = {
  ...{ twitter: 'Twitter', mastodon: 'Mastodon', github: 'GitHub', linkedin: 'LinkedIn' },
  ...{ facebook: 'Facebook', instagram: 'Instagram' },
}

/** By id and name: hand-edited exports give one id to two people. */
function identityOf(record: OpenEventRecord) {
  const id = idOf(record['id'])
  const name = lineOf(record['name']) ?? null
  return { id, name, key: JSON.stringify([id, name]) }
}

const biographies = ['long_biography', 'short_biography', 'biography'] as const
