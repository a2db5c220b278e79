import { isRecord } from '../../is-record.ts'
import { formats } from './formats.ts'
import { type Fault, unreadable } from './faults.ts'
import type { FoundProgramme, FoundRoom, FoundSession, FoundSessionType, FoundTrack } from './found.ts'
import { type StatedMoment, momentOf } from './moments.ts'
import { type Entry, partRegister, type PartRegister } from './part-register.ts'
import { foundLinks } from './links.ts'
import { readJson } from './json-values.ts'
import { chosenIn, type Item, levelNamed, stateOf } from './sessionize-values.ts'
import type { Source } from './source.ts'
import type { FoundSpeakerValues } from './found.ts'
import { idOf, known, lineOf, linksOf, listOf, proseOf, type Stated } from './stated.ts'

interface Listed {
  readonly place: string
  readonly item: Item
}

/**
 * Reads the JSON that Sessionize's API gives: all data ("All", "sessions, speakers, rooms, categories"), the schedule grid, or
 * the list of sessions in groups.
 * It names no event and, in most of its settings, no time zone.
 *
 * @throws BAD_USER_INPUT where the file isn't JSON, or has no sessions
 */
export async function readSessionize(source: Source): Promise<FoundProgramme> {
  const found: Record<'sessions' | 'speakers' | 'rooms' | 'categories', Listed[]> = {
    ...{ sessions: [], speakers: [], rooms: [], categories: [] },
  }
  const paths = ['sessions', 'speakers', 'rooms', 'categories'].map((list) => `$.${list}.*`)
  await readJson(source, [...paths, '$.*.rooms.*', '$.*.sessions.*'], (value, path) => {
    const [list, index] = path
    if (!isRecord(value)) return
    if (typeof list === 'number' && path[1] === 'sessions') {
      found.sessions.push({ place: `[${list}].sessions[${path[2]}]`, item: value })
    } else if (typeof list === 'number') {
      const place = `[${list}].rooms[${path[2]}]`
      found.rooms.push({ place, item: value })
      for (const [at, item] of listOf(value['sessions']).entries()) {
        if (isRecord(item)) found.sessions.push({ place: `${place}.sessions[${at}]`, item })
      }
    } else if (isKeyOf(found, list)) found[list].push({ place: `${list}[${index}]`, item: value })
  })
  if (found.sessions.length + found.rooms.length === 0) {
    throw unreadable(source.name, `has no sessions. ${formats}`)
  }
  const told: Fault[] = []
  const parts = {
    tracks: partRegister<FoundTrack['values']>(),
    rooms: partRegister<FoundRoom['values']>(),
    sessionTypes: partRegister<FoundSessionType['values']>(),
    speakers: partRegister<FoundSpeakerValues>(),
  }
  for (const { place, item } of found.rooms) {
    const name = lineOf(item['name'])
    if (name != null) noteAs(parts.rooms, item['id'], place, { name })
  }
  for (const { place, item } of found.speakers) noteSpeaker(parts.speakers, place, item, told)
  const categories = found.categories.map(({ item }) => item)
  const sessions = found.sessions.map((listed) => sessionOf(listed, { ...parts, categories, told }))
  const { tracks, rooms, sessionTypes, speakers } = parts
  return {
    format: 'Sessionize JSON',
    event: {
      ...{ place: source.name, acronym: null, name: null, timeZone: null, startsAt: null, endsAt: null },
      ...{ state: { value: 'PUBLISHED', isStated: false }, faults: [] },
    },
    tracks: tracks.settled(),
    rooms: rooms.settled(),
    sessionTypes: sessionTypes.settled(),
    speakers: speakers.settled(),
    ...{ sessions, told },
  }
}

interface Parts {
  readonly tracks: PartRegister<FoundTrack['values']>
  readonly rooms: PartRegister<FoundRoom['values']>
  readonly sessionTypes: PartRegister<FoundSessionType['values']>
  readonly speakers: PartRegister<FoundSpeakerValues>
  readonly categories: readonly Item[]
  readonly told: Fault[]
}

function sessionOf({ place, item }: Listed, parts: Parts): FoundSession {
  const faults: string[] = []
  const graveFaults: string[] = []
  const moment = (key: string, its: string[]): StatedMoment | null => {
    const text = proseOf(item[key])
    if (text == null) return null
    const read = momentOf(text)
    if (typeof read !== 'string') return read
    its.push(`${key}: ${read}`)
    return null
  }
  const tell = (reason: string) => void parts.told.push({ place, reason })
  const id = idOf(item['id'])
  if (id === null) graveFaults.push('has no id.')
  const chosen = chosenIn(item, parts.categories)
  const read = new Set<object>()
  const chosenOf = (category: RegExp) => {
    const choice = chosen.find(({ title }) => category.test(title))
    if (choice !== undefined) read.add(choice)
    return choice
  }
  const named = <Values extends { readonly name: string }>(
    register: PartRegister<Values>,
    category: RegExp,
  ) => {
    const choice = chosenOf(category)
    return choice === undefined ? null : noteAs(register, choice.id, place, { name: choice.name } as Values)
  }
  const session: FoundSession = {
    ...{ place, faults, graveFaults, ids: id === null ? [] : [id], sourceId: id },
    values: known({
      title: lineOf(item['title']) ?? '',
      language: chosenOf(/language|sprache/i)?.name,
      description: proseOf(item['description']) ?? null,
      textFormat: 'PLAIN' as const,
      level: levelNamed(chosenOf(/level|niveau/i)?.name),
      ...linksOf({ videoUrl: item['recordingUrl'] }, faults),
      ...(item['liveUrl'] === undefined
        ? {}
        : { links: foundLinks([{ url: item['liveUrl'], type: 'stream' }], { base: null, tell }) }),
    }),
    startsAt: moment('startsAt', graveFaults),
    endsAt: moment('endsAt', faults),
    state: stateOf(item),
    track: named(parts.tracks, /track|topic|theme/i),
    sessionType: named(parts.sessionTypes, /format|type/i),
    room: roomOf(item, place, { ...parts, tell }),
    speakers: [
      ...new Set(
        listOf(item['speakers']).flatMap((speaker) => speakerOf(speaker, place, { ...parts, tell }) ?? []),
      ),
    ],
  }
  for (const choice of chosen) {
    if (!read.has(choice)) tell(`has a choice of ${JSON.stringify(choice.title)}, which is left out.`)
  }
  tellAnswers(item, tell)
  return session
}

/** Answers to questions of the organizers' own; most of them are for nobody else. */
function tellAnswers(item: Item, tell: (reason: string) => void): void {
  if (listOf(item['questionAnswers']).length > 0) tell('has answers to questions, which are left out.')
}

interface Referring extends Parts {
  readonly tell: (reason: string) => void
}

/** By its id, or with its name alone. Lists of sessions name rooms that are listed nowhere. */
function roomOf(item: Item, place: string, { rooms, tell }: Referring): Entry<FoundRoom['values']> | null {
  const id = idOf(item['roomId'])
  const known = id === null ? undefined : rooms.findById(id)
  const name = lineOf(item['room'])
  if (known !== undefined) return known
  if (name != null) return noteAs(rooms, item['roomId'], place, { name })
  if (id !== null) tell(`refers to the room ${id}, which the file doesn't list. It was left out.`)
  return null
}

/** By its id, or with its name, as the grid has it. */
function speakerOf(
  stated: Stated,
  place: string,
  { speakers, tell }: Referring,
): Entry<FoundSpeakerValues> | undefined {
  const id = idOf(isRecord(stated) ? stated['id'] : stated)
  const known = id === null ? undefined : speakers.findById(id)
  const name = isRecord(stated) ? lineOf(stated['name']) : null
  if (known === undefined && name == null) {
    tell(`refers to the speaker ${id ?? 'without an id'}, whom the file doesn't list. They were left out.`)
  }
  return known ?? (name == null ? undefined : noteAs(speakers, id, place, { name }))
}

function noteSpeaker(
  register: PartRegister<FoundSpeakerValues>,
  place: string,
  item: Item,
  told: Fault[],
): void {
  const faults: string[] = []
  const name =
    lineOf(item['fullName']) ??
    lineOf([item['firstName'], item['lastName']].map((part) => lineOf(part) ?? '').join(' '))
  if (name == null) return
  const links = listOf(item['links']).filter(isRecord)
  const website = links.find(({ linkType }) => /^(blog|company_website|website)$/i.test(String(linkType)))
  const tell = (reason: string) => void told.push({ place, reason })
  const others = links.filter((link) => link !== website)
  tellAnswers(item, tell)
  if (lineOf(item['tagLine']) != null) told.push({ place, reason: 'has a tag line, which is left out.' })
  const values = known({
    ...{ name, biography: proseOf(item['bio']) ?? null, textFormat: 'PLAIN' as const },
    links: foundLinks(
      others.map(({ url, title, linkType }) => ({ url, title, type: linkType })),
      { base: null, tell },
    ),
    ...linksOf({ photoUrl: item['profilePicture'], websiteUrl: website?.['url'] }, faults),
  })
  const id = idOf(item['id'])
  register.note([id ?? name], { ids: id === null ? [] : [id], place, values, faults })
}

function noteAs<Values extends { readonly name: string }>(
  register: PartRegister<Values>,
  stated: Stated,
  place: string,
  values: Values,
): Entry<Values> {
  const id = idOf(stated)
  return register.note([id ?? values.name], { ids: id === null ? [] : [id], place, values })
}

function isKeyOf<Keys extends object>(keys: Keys, key: unknown): key is keyof Keys {
  return typeof key === 'string' && Object.hasOwn(keys, key)
}
