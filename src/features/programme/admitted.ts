import type { Fault } from '../../interchange/read/faults.ts'
import type { FoundPart, FoundSession, FoundSessionValues } from '../../interchange/read/found.ts'
import type { NamedItem } from './match.ts'

export type PartKind = 'tracks' | 'rooms' | 'sessionTypes' | 'speakers'
export type Kind = PartKind | 'sessions'

/** Something that isn't taken as it stands in the file. */
export interface Skip extends Fault {
  readonly kind: Kind | 'event'
  /** false where only a value of it is left out. */
  readonly isWhole: boolean
}

export interface AdmittedPart<Values> extends NamedItem {
  /** What sessions refer to. */
  readonly part: FoundPart
  readonly values: Values
}

export interface AdmittedSession {
  /** Where in the file it stands. */
  readonly place: string
  /** What the file calls it, the strongest first. */
  readonly ids: readonly string[]
  /** Without a title where the file has none that can be stored. */
  readonly values: Partial<FoundSessionValues> & {
    readonly startsAt: Date | null
    readonly endsAt: Date | null
    readonly submittedAt?: Date
  }
  readonly state: FoundSession['state']
  /** undefined, here and below, where the file doesn't know such a thing. */
  readonly track: FoundPart | null | undefined
  readonly room: FoundPart | null | undefined
  readonly sessionType: FoundPart | null | undefined
  readonly speakers: readonly FoundPart[]
}

export interface Admitted<Item> {
  /** null: the file doesn't speak of this kind at all. */
  readonly items: readonly Item[] | null
  /** What is in the file but can't be taken: what is stored of it stays as it is. */
  readonly kept: readonly NamedItem[]
  readonly skips: readonly Skip[]
}
