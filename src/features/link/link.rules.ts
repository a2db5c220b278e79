import type { LinkInput, VenueInput } from '../../generated/graphql.ts'
import type { InputReader } from '../../input.ts'
import {
  addressKey,
  degrees,
  faultOfPosition,
  type Link,
  linkTitle,
  mostLinks,
  type Venue,
  venueTexts,
} from '../../links.ts'
import { faultOfText } from '../../text.ts'

/** The links of an input object, all of them anew; null is an empty list. */
export function readLinks(
  read: InputReader,
  input: readonly LinkInput[] | null | undefined,
): readonly Link[] | undefined {
  if (input === undefined || input === null) return input === null ? [] : undefined
  if (input.length > mostLinks) {
    read.fault('links', `must list ${mostLinks} at most.`)
    return undefined
  }
  const places = new Map<string, number>()
  return input.map(({ url, title = null, kind }, index) => {
    const first = places.get(addressKey(url))
    if (first !== undefined) {
      read.fault(['links', index, 'url'], `is the address of links[${first}] again. Send it once.`)
    }
    places.set(addressKey(url), first ?? index)
    const fault = title === null ? null : faultOfText(title, linkTitle)
    if (fault !== null) read.fault(['links', index, 'title'], fault)
    return { url, ...(title === null ? {} : { title }), kind }
  })
}

/** The venue of an input object, as a whole. */
export function readVenue(read: InputReader, input: VenueInput | null | undefined): Venue | null | undefined {
  if (input === undefined || input === null) return input
  const { name, address, latitude, longitude } = input
  const texts = { ...(name == null ? {} : { name }), ...(address == null ? {} : { address }) }
  const position = {
    ...(latitude == null ? {} : { latitude: degrees(latitude) }),
    ...(longitude == null ? {} : { longitude: degrees(longitude) }),
  }
  for (const [field, text] of Object.entries(texts)) {
    const fault = faultOfText(text, venueTexts[field as keyof typeof texts])
    if (fault !== null) read.fault(['venue', field], fault)
  }
  const fault = faultOfPosition(position)
  if (fault !== null) read.fault('venue', fault)
  const venue = { ...texts, ...position }
  if (Object.keys(venue).length === 0) {
    read.fault('venue', 'says nothing. Send null for no venue.')
  }
  return venue
}
