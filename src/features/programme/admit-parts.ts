import type { FoundPart } from '../../interchange/read/found.ts'
import type { TextRule } from '../../text.ts'
import { roomTexts } from '../room/room.rules.ts'
import { faultOfDuration, sessionTypeTexts } from '../session-type/session-type.rules.ts'
import { speakerTexts } from '../speaker/speaker.rules.ts'
import { trackTexts } from '../track/track.rules.ts'
import { admitIds, admitTexts } from './admit-texts.ts'
import type { Admitted, AdmittedPart, PartKind, Skip } from './admitted.ts'
import type { NamedItem } from './match.ts'

/**
 * The parts of a kind that can be stored. One without a usable name is left out, and so are single values that can't
 * be stored.
 */
export function admitParts<Values extends { readonly name: string; durationMinutes?: number | null }>(
  kind: PartKind,
  parts: readonly (FoundPart & { readonly values: Values })[] | null,
): Admitted<AdmittedPart<Values>> {
  const admitted: AdmittedPart<Values>[] = []
  const skips: Skip[] = []
  const kept: NamedItem[] = []
  for (const part of parts ?? []) {
    const { place } = part
    const reasons = [...part.faults]
    const values = admitTexts(withoutWrongDuration(part.values, reasons), texts[kind], 'name', reasons)
    const ids = admitIds(part.ids, reasons)
    const isUsable = values.name !== undefined
    const told = reasons.map((reason) => ({ place, reason: `the ${nouns[kind]}'s ${reason}` }))
    skips.push(...told.map((fault) => ({ kind, ...fault, isWhole: !isUsable })))
    const item = { name: values.name ?? part.values.name, ids, slot: null }
    // Only values that may be missing were left out.
    if (isUsable) admitted.push({ ...item, part, values: values as Values })
    else kept.push(item)
  }
  return { items: parts === null ? null : admitted, kept, skips }
}

const nouns: Readonly<Record<PartKind, string>> = {
  tracks: 'track',
  rooms: 'room',
  sessionTypes: 'session type',
  speakers: 'speaker',
}

/** Links and colours were looked at when they were read. */
const texts: Readonly<Record<PartKind, Readonly<Partial<Record<string, TextRule>>>>> = {
  tracks: trackTexts,
  rooms: roomTexts,
  sessionTypes: sessionTypeTexts,
  speakers: speakerTexts,
}

function withoutWrongDuration<Values extends { durationMinutes?: number | null; readonly name: string }>(
  values: Values,
  reasons: string[],
): Values {
  const fault = values.durationMinutes == null ? null : faultOfDuration(values.durationMinutes)
  if (fault === null) return values
  reasons.push(`duration ${fault}`)
  const { durationMinutes: _wrong, ...others } = values
  // Without a value that may be missing it is the same type.
  return others as Values
}
