import type { Link, LinkKind } from '../../links.ts'
import type { ProgrammeSession } from '../programme.ts'

/** The links of a session as the schedules of frab and pretalx take them apart; read again, they are in the same order. */
export interface ScheduleLinks {
  /** The session's page elsewhere. */
  readonly page: string | null
  readonly feedback: string | null
  readonly attachments: readonly Link[]
  readonly links: readonly Link[]
}

/** The page is the first link and the feedback the last one, if nothing is lost by it: neither element has a title. */
export function scheduleLinks({ links }: Pick<ProgrammeSession, 'links'>): ScheduleLinks {
  const is = (link: Link | undefined, kind: LinkKind) => link?.kind === kind && link.title === undefined
  const hasPage = is(links[0], 'WEBSITE')
  const hasFeedback = is(links.at(-1), 'FEEDBACK')
  const others = links.slice(hasPage ? 1 : 0, hasFeedback ? -1 : undefined)
  const firstLink = others.findIndex(({ kind }) => kind !== 'SLIDES' && kind !== 'FILE')
  const files = firstLink === -1 ? others.length : firstLink
  return {
    page: hasPage ? links[0]!.url : null,
    feedback: hasFeedback ? links.at(-1)!.url : null,
    attachments: others.slice(0, files),
    links: others.slice(files),
  }
}

/**
 * The word that the formats have for what a link leads to; null for none. Of a kind whose first one has a field of its own
 * there is none, unless that is taken: the link would be read as that one. So would one that is called slides and has no
 * word.
 */
export function scheduleType({ kind, title }: Link, session: ProgrammeSession): string | null {
  const [type, taken] = words[kind] ?? [null, null]
  if (type !== null && (taken === null || session[taken] !== null)) return type
  return title?.toLowerCase() === 'slides' ? 'related' : null
}

/** With the field of the first one, if there is one. */
const words: Readonly<
  Partial<Record<LinkKind, readonly [string, 'slidesUrl' | 'videoUrl' | 'audioUrl' | null]>>
> = {
  WEBSITE: ['web', null],
  PAPER: ['paper', null],
  SLIDES: ['slides', 'slidesUrl'],
  VIDEO: ['media', 'videoUrl'],
  AUDIO: ['media', 'audioUrl'],
}
