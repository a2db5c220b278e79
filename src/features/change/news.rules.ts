import type { SessionState } from '../../generated/prisma/client.ts'

/** What of a session can be news, as PostgreSQL's JSON has its columns. */
export interface Standing {
  readonly title: string
  readonly state: Lowercase<SessionState>
  readonly deleted_at: string | null
  readonly starts_at: string | null
  readonly ends_at: string | null
  readonly room_id: string | null
  readonly speaker_ids: readonly string[] | null
}

/** The columns of a standing. */
export const newsworthy = [
  ...['title', 'state', 'deleted_at', 'starts_at', 'ends_at', 'room_id', 'speaker_ids'],
] as const satisfies readonly (keyof Standing)[]

/** The names of an event's rooms by their ids; of those that are there. */
export type RoomNames = Pick<ReadonlyMap<string, string>, 'get' | 'has'>

/** How far somebody sees into a programme. */
export interface NewsSight {
  readonly allSessions: boolean
  readonly isPublished: boolean
  /** The speaker that the viewer is; null if none, or one who sees no more than others. */
  readonly ownSpeaker: string | null
  /** Whether the viewer is told of what left the programme. */
  readonly showsCanceled: boolean
}

export type NewsKind = 'NEW' | 'MOVED' | 'CANCELED' | 'RENAMED'

/** When and where a session is. */
export interface NewsPlace {
  readonly startsAt: Date | null
  readonly endsAt: Date | null
  readonly room: string | null
}

/** What is news about a session between two moments. */
export interface NewsOfSession {
  readonly sessionId: string
  readonly kinds: NewsKind[]
  /** As it is now, or as it was last if it is canceled. */
  readonly title: string
  /** null unless it was renamed. */
  readonly formerTitle: string | null
  /** null if it is new. */
  readonly from: NewsPlace | null
  /** null if it is canceled. */
  readonly to: NewsPlace | null
}

/** A session at one moment: how it stood, null if it wasn't there, and what the rooms were called. */
export interface NewsMoment {
  readonly standing: Standing | null
  readonly rooms: RoomNames
}

/** What is news of a session for the viewer; null if nothing is. Moved and moved back is nothing. */
export function newsOf(
  sessionId: string,
  { before, after }: { readonly before: NewsMoment; readonly after: NewsMoment },
  sight: NewsSight,
): NewsOfSession | null {
  const was = inProgramme(before.standing, sight)
  const is = inProgramme(after.standing, sight)
  const from = was && placeOf(was, before.rooms)
  const to = is && placeOf(is, after.rooms)
  const nothing = { sessionId, formerTitle: null }
  if (is !== null && was === null) return { ...nothing, kinds: ['NEW'], title: is.title, from, to }
  if (is === null) {
    const isTold = was !== null && (sight.showsCanceled || sight.allSessions)
    return isTold ? { ...nothing, kinds: ['CANCELED'], title: was.title, from, to } : null
  }
  const isMoved = !isSamePlace(was!, is, [before.rooms, after.rooms])
  const isRenamed = was!.title !== is.title
  if (!isMoved && !isRenamed) return null
  const kinds = [...(isMoved ? ['MOVED' as const] : []), ...(isRenamed ? ['RENAMED' as const] : [])]
  return { sessionId, kinds, title: is.title, formerTitle: isRenamed ? was!.title : null, from, to }
}

/** The standing, if the session stood in the programme that the viewer saw. */
function inProgramme(standing: Standing | null, sight: NewsSight): Standing | null {
  if (standing === null || standing.deleted_at !== null) return null
  const isPublic = sight.isPublished && (standing.state === 'accepted' || standing.state === 'confirmed')
  const isInside =
    sight.allSessions ||
    (sight.ownSpeaker !== null && (standing.speaker_ids ?? []).includes(sight.ownSpeaker))
  return isPublic || (isInside && !gone.has(standing.state)) ? standing : null
}

const gone: ReadonlySet<Standing['state']> = new Set(['canceled', 'withdrawn', 'rejected'])

function placeOf({ starts_at, ends_at, room_id }: Standing, rooms: RoomNames): NewsPlace {
  return { startsAt: instant(starts_at), endsAt: instant(ends_at), room: rooms.get(room_id ?? '') ?? null }
}

function isSamePlace(was: Standing, is: Standing, [then, now]: readonly [RoomNames, RoomNames]): boolean {
  // A room keeps its id when it is renamed, and is nowhere once it is deleted.
  const roomOf = ({ room_id: id }: Standing, rooms: RoomNames) => (id !== null && rooms.has(id) ? id : null)
  return (
    instant(was.starts_at)?.getTime() === instant(is.starts_at)?.getTime() &&
    instant(was.ends_at)?.getTime() === instant(is.ends_at)?.getTime() &&
    roomOf(was, then) === roomOf(is, now)
  )
}

function instant(text: string | null): Date | null {
  return text === null ? null : new Date(text)
}
