import type { Link } from '../../links.ts'
import type { ProgrammeEvent, ProgrammeRoom, ProgrammeSession } from '../programme.ts'
import { type Property, property, text } from './icalendar-components.ts'

/** The room, and where the event is, with its position. */
export function placeProperties({ venue }: ProgrammeEvent, room: ProgrammeRoom | null): (Property | null)[] {
  const address = venue?.address?.split(/\s*\n\s*/).join(', ')
  const itsRoom = room === null || room.floor === null ? room?.name : `${room.name}, ${room.floor}`
  const place = [itsRoom, venue?.name, address].filter((part) => part !== undefined).join(', ')
  const { latitude, longitude } = venue ?? {}
  return [
    text('LOCATION', place || null),
    latitude === undefined || longitude === undefined
      ? null
      : property('GEO', 'geo', `${latitude.toFixed(6)};${longitude.toFixed(6)}`),
  ]
}

/** The page of an entry, and what can be downloaded beside it; its picture as RFC 7986 has it. */
export function linkProperties({ imageUrl, links }: ProgrammeSession, otherwise: string): Property[] {
  const page = links.find(({ kind }) => kind === 'WEBSITE')?.url ?? otherwise
  return [property('URL', 'uri', page), ...pictures(imageUrl), ...links.filter(isFile).map(attached)]
}

/** A picture for calendar programs that show one. */
export function pictures(url: string | null): Property[] {
  return url === null ? [] : [property('IMAGE', 'uri', url, { VALUE: 'URI', DISPLAY: 'BADGE' })]
}

function attached({ url }: Link): Property {
  return property('ATTACH', 'uri', url)
}

function isFile({ kind }: Link): boolean {
  return kind === 'SLIDES' || kind === 'PAPER' || kind === 'FILE'
}
