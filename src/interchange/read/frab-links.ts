import type { FoundEvent, FoundSessionValues } from './found.ts'
import type { FrabConference, FrabSession } from './frab-fields.ts'
import { addressIn, foundLinks, type LinkReading, sortedLinks, venueOf } from './links.ts'
import { lineOf } from './stated.ts'

/** The links of a session: the addresses that have fields of their own, the picture, and all others as far as there are any. */
export function linksOfSession(
  { links, video, logo, url, originUrl, feedbackUrl }: FrabSession,
  reading: LinkReading,
) {
  const { own, others } = sortedLinks(links ?? [])
  const addresses = {
    ...{ slidesUrl: own.slides, videoUrl: lineOf(video) ? video : own.video },
    ...{ audioUrl: own.audio, signupUrl: own.signup },
  }
  const imageUrl = addressIn(logo, reading)
  // What leads to an export of ours is no page of the session's.
  const isOurs = /\/events\/[a-z0-9-]+\/schedule\.ics\?session=/.test(lineOf(url) ?? '')
  const stated = [
    ...(isOurs ? [] : [{ url, type: 'website' }]),
    ...others,
    { url: originUrl, type: 'website' },
    { url: feedbackUrl, type: 'feedback' },
  ]
  const isSilent = [links, url, originUrl, feedbackUrl].every((one) => one === undefined)
  const values: Pick<FoundSessionValues, 'imageUrl' | 'links'> = {
    ...(imageUrl === null ? {} : { imageUrl }),
    ...(isSilent ? {} : { links: foundLinks(stated, reading) }),
  }
  return { addresses, ...values }
}

/** Where the conference is, on the earth and elsewhere. */
export function linksOfConference(
  { baseUrl, url, logo, venue: name, city }: FrabConference,
  tell: LinkReading['tell'],
): Partial<FoundEvent> {
  const reading = { base: lineOf(baseUrl), tell }
  const [websiteUrl, logoUrl] = [addressIn(url, reading), addressIn(logo, reading)]
  const venue = venueOf({ name, address: city }, tell)
  return {
    ...(websiteUrl === null ? {} : { websiteUrl }),
    ...(logoUrl === null ? {} : { logoUrl }),
    ...(venue === null ? {} : { venue }),
  }
}
