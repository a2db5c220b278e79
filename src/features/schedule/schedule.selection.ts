import type { SessionRow } from '../session/session.selection.ts'

/** What a mutation of several sessions answers; the sessions with their ids, whatever the query asks. */
export interface PlacedSessionsRow {
  readonly sessions: SessionRow[]
}
