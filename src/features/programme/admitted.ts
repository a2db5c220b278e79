import type { Fault } from '../../interchange/read/faults.ts'
import type { FoundSession, SessionValues } from '../../interchange/read/found.ts'

export type PartKind = 'tracks' | 'rooms' | 'sessionTypes' | 'speakers'
export type Kind = PartKind | 'sessions'

/** Something that isn't taken as it stands in the file. */
export interface Skip extends Fault {
  readonly kind: Kind | 'event'
  /** false where only a value of it is left out. */
  readonly isWhole: boolean
}

export interface AdmittedPart<Values> {
  readonly sourceId: string
  readonly values: Values
}

export interface AdmittedSession {
  readonly sourceId: string
  /** Without a title where the file has none that can be stored. */
  readonly values: Partial<SessionValues> & {
    readonly startsAt: Date | null
    readonly endsAt: Date | null
    readonly submittedAt?: Date
  }
  readonly state: FoundSession['state']
  /** Source ids; undefined where the file doesn't know such a thing. */
  readonly track: string | null | undefined
  readonly room: string | null | undefined
  readonly sessionType: string | null | undefined
  readonly speakers: readonly string[]
}

export interface Admitted<Item> {
  /** null: the file doesn't speak of this kind at all. */
  readonly items: readonly Item[] | null
  /** The source ids of what is in the file but can't be taken: what is stored under them stays as it is. */
  readonly kept: ReadonlySet<string>
  readonly skips: readonly Skip[]
}
