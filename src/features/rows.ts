import type { Prisma } from '../generated/prisma/client.ts'

/**
 * The rows of all nouns as resolvers are given them. Each is typed whole and fetched only as far as the query asks: the
 * plan of its type (`<noun>.selection.ts`) says which columns and relations a field needs.
 */

/** Its lists are there if the plan could fetch them along with the event. */
export interface EventRow extends Prisma.EventModel, HasSlots {
  readonly tracks: TrackRow[]
  readonly rooms: RoomRow[]
  readonly sessionTypes: SessionTypeRow[]
  readonly breaks: BreakRow[]
  readonly sessions?: readonly SessionRow[]
  readonly canceled?: readonly CanceledRow[]
  readonly speakers?: readonly SpeakerRow[]
  readonly _count?: { readonly sessions?: number; readonly canceled?: number; readonly speakers?: number }
}

/** What has sessions of its own by a column of theirs: an event, a track, a room, a session type. */
export interface HasSessions {
  /** There if the plan of the parent could fetch the page along with it. */
  readonly sessions?: readonly SessionRow[]
  /** There if the list asks for canceled ones, and the parent can have such. */
  readonly canceled?: readonly CanceledRow[]
  readonly _count?: { readonly sessions?: number; readonly canceled?: number }
}

/** What the public saw last of a session that left the programme. */
export interface CanceledRow extends Prisma.CanceledSessionModel {
  readonly event?: EventRow
  readonly track?: TrackRow | null
  readonly room?: RoomRow | null
}

/** A session's place in the schedule; of its columns those are there that were asked for. */
export interface SlotRow extends Prisma.SlotModel {
  readonly session: SessionRow
}

/** What has a schedule of its own: an event, a room. */
export interface HasSlots {
  readonly slots?: readonly SlotRow[]
}

/** What has sessions by rows between the two: a speaker. */
export interface LinksSessions {
  readonly sessions?: readonly { readonly session: SessionRow }[]
  readonly _count?: { readonly sessions?: number }
}

export interface TrackRow extends Prisma.TrackModel, HasSessions {
  readonly event: EventRow
}

export interface RoomRow extends Prisma.RoomModel, HasSessions, HasSlots {
  readonly event: EventRow
}

export interface SessionTypeRow extends Prisma.SessionTypeModel, HasSessions {
  readonly event: EventRow
}

export interface BreakRow extends Prisma.BreakModel {
  readonly event: EventRow
  readonly room: RoomRow | null
}

export interface SpeakerRow extends Prisma.SpeakerModel, LinksSessions {
  readonly event: EventRow
}

export interface SessionRow extends Prisma.SessionModel {
  readonly event: EventRow
  readonly track: TrackRow | null
  readonly room: RoomRow | null
  readonly sessionType: SessionTypeRow | null
  readonly speakers: readonly { readonly speaker: SpeakerRow }[]
  readonly canceled: Pick<CanceledRow, 'lastModifiedAt'> | null
  /** There if the rest is the session as it was. */
  readonly now?: SessionStanding
}

/** What of a session decides who may do what with it. */
export type SessionStanding = Pick<Prisma.SessionModel, 'eventId' | 'trackId' | 'state' | 'deletedAt'>

/** What a mutation of a session answers: the session with its id, whatever the query asks. */
export interface SessionPayloadRow {
  readonly session: SessionRow
}

/** What a mutation of several sessions answers: the sessions with their ids, whatever the query asks. */
export interface PlacedSessionsRow {
  readonly sessions: SessionRow[]
}

/** A membership. */
export interface MemberRow extends Prisma.MembershipModel {
  readonly user: Prisma.UserModel
}

/** A person as others may know them. */
export type UserRow = Pick<Prisma.UserModel, 'id' | 'name'>

export interface InvitationRow extends Prisma.InvitationModel {
  readonly speaker: SpeakerRow | null
}

export interface TokenRow extends Prisma.AccessTokenModel {
  readonly user: Prisma.UserModel | null
}

export interface WebhookRow extends Prisma.WebhookModel {
  readonly user: Prisma.UserModel | null
}

/** An address at which favorites are read as a calendar. */
export type CalendarRow = Prisma.PersonalCalendarModel

export type WebhookDeliveryRow = Prisma.WebhookDeliveryModel
