import { isRecord } from '../../is-record.ts'
import { foundFormat } from '../../markup/format.ts'
import type { FoundRoom, FoundSpeakerValues, FoundTrack } from './found.ts'
import { isId } from '../../paging.ts'
import { type FrabPerson, type FrabRoom, keptOfPersons } from './frab-fields.ts'
import { foundLinks, type LinkReading } from './links.ts'
import type { PartRegister } from './part-register.ts'
import { idOf, known, lineOf, linksOf, proseOf, type Stated } from './stated.ts'
import { unkept } from './unkept.ts'

/** Tracks, rooms and types are known by their names; null where there is none. */
export function noteNamed<Values extends { readonly name: string }>(
  entries: PartRegister<Values>,
  place: string,
  stated: Stated,
  part: { ids?: readonly string[]; values?: Omit<Values, 'name'>; aliases?: readonly string[] } = {},
) {
  const name = lineOf(stated) ?? null
  if (name === null) return null
  const { ids = [], values, aliases = [] } = part
  // Omit<> of a type parameter and the name again is the type parameter, which the compiler can't see.
  return entries.note([name], { ids, place, values: { name, ...values } as unknown as Values, aliases })
}

/** A track is named, or referred to: { "slug": "science" }, where the conference lists it. */
export function noteTrack(
  tracks: PartRegister<FoundTrack['values']>,
  place: string,
  { stated, tell }: { readonly stated: Stated; readonly tell: (reason: string) => void },
) {
  if (isRecord(stated) && isReference(stated)) return referred(tracks, stated, { what: 'track', tell })
  return listedAs(tracks, stated) ?? noteNamed(tracks, place, stated)
}

/** A name counts before a guid: pretalx gives one guid to several rooms. */
export function noteRoom(
  rooms: PartRegister<FoundRoom['values']>,
  place: string,
  { stated, tell }: { readonly stated: FrabRoom; readonly tell: (reason: string) => void },
) {
  if (isReference(stated)) return referred(rooms, stated, { what: 'room', tell })
  return listedAs(rooms, stated.name) ?? noteNamed(rooms, place, stated.name, { ids: idsStated(stated.guid) })
}

type Reference = { readonly name?: Stated; readonly slug?: Stated; readonly guid?: Stated }

/** Whether it names nothing, and says by a guid or a slug what it means. */
function isReference({ name, slug, guid }: Reference): boolean {
  return !lineOf(name) && idsStated(slug, guid).length > 0
}

function referred<Values extends { readonly name: string }>(
  entries: PartRegister<Values>,
  stated: Reference,
  { what, tell }: { readonly what: string; readonly tell: (reason: string) => void },
) {
  const found = declared(entries, stated)
  if (found === null) {
    const [id] = idsStated(stated.slug, stated.guid)
    tell(`refers to the ${what} ${id}, which the file doesn't list. It was left out.`)
  }
  return found
}

/** What is written in the place of a name may be the guid or the slug of what the file lists. */
function listedAs<Values extends { readonly name: string }>(entries: PartRegister<Values>, stated: Stated) {
  const name = lineOf(stated)
  if (!name || entries.find(name) !== undefined) return null
  return declared(entries, { guid: name, slug: name })
}

function declared<Values extends { readonly name: string }>(
  entries: PartRegister<Values>,
  { slug, guid }: Reference,
) {
  return aliasesOf({ guid, slug }).flatMap((alias) => entries.find(alias) ?? [])[0] ?? null
}

/** Keys that no name can have: names are of one line. */
export function aliasesOf(stated: { guid?: Stated; slug?: Stated }): string[] {
  return Object.entries(stated).flatMap(([kind, value]) => {
    const id = idOf(value)
    return id === null ? [] : [`${kind}\n${id}`]
  })
}

export function noteSpeaker(
  speakers: PartRegister<FoundSpeakerValues>,
  place: string,
  person: FrabPerson,
  { isListed, ...reading }: LinkReading & { readonly isListed: boolean },
) {
  const ids = idsStated(person.guid, person.id, person.code)
  const name = lineOf(person.name) ?? null
  if (name === null) {
    const known = ids.flatMap((id) => speakers.findById(id) ?? [])[0] ?? null
    if (known === null && ids.length > 0)
      reading.tell('has a person without a name, whom the file names nowhere else. It was left out.')
    return known
  }
  for (const reason of unkept(person.all, keptOfPersons)) reading.tell(`a person ${reason}`)
  const faults: string[] = []
  const biography = proseOf(person.biography)
  const values = {
    name,
    ...known({ biography }),
    ...foundFormat(null, biography),
    ...linksOf({ websiteUrl: person.url, photoUrl: person.photo }, faults, reading.base),
    ...(person.links === undefined ? {} : { links: foundLinks(person.links, reading) }),
  }
  // By id and name: merged schedules give one number to several people. By the name alone where the list has one of it.
  const byName = JSON.stringify([null, name])
  const keys = ids.length === 0 ? [byName] : ids.map((id) => (isId(id) ? id : JSON.stringify([id, name])))
  // Some write an id in the place of a name.
  const listed = ids.length === 0 ? (speakers.findById(name) ?? speakers.find(byName)) : undefined
  if (listed !== undefined) return listed
  const noted = speakers.note(keys, { ids, place, values, faults, aliases: isListed ? [byName] : [] })
  if (noted.values.name !== name)
    reading.tell(
      'has a person whom the file calls otherwise before, by the same guid. The first name counts.',
    )
  return noted
}

export function idsStated(...stated: readonly Stated[]): string[] {
  return [...new Set(stated.map(idOf).filter((id) => id !== null))]
}
