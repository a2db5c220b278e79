import type { FoundPart } from '../../interchange/read/found.ts'
import { faultOfText, heading, type TextRule } from '../../text.ts'
import { roomTexts } from '../room/room.rules.ts'
import { faultOfDuration, sessionTypeTexts } from '../session-type/session-type.rules.ts'
import { speakerTexts } from '../speaker/speaker.rules.ts'
import { trackTexts } from '../track/track.rules.ts'
import { admitTexts } from './admit-texts.ts'
import type { Admitted, AdmittedPart, PartKind, Skip } from './admitted.ts'

/**
 * The parts of a kind that can be stored. One without a usable name is left out, and so are single values that can't
 * be stored.
 */
export function admitParts<Values extends { readonly name: string; durationMinutes?: number | null }>(
  kind: PartKind,
  parts: readonly (FoundPart & { readonly values: Values })[] | null,
): Admitted<AdmittedPart<Values>> & { readonly ids: ReadonlyMap<FoundPart, string> } {
  const admitted: AdmittedPart<Values>[] = []
  const skips: Skip[] = []
  const kept = new Set<string>()
  const ids = new Map<FoundPart, string>()
  for (const part of parts ?? []) {
    const { place, sourceId } = part
    const reasons = [...part.faults]
    const values = admitTexts(withoutWrongDuration(part.values, reasons), texts[kind], 'name', reasons)
    // What is known by its name is known by as much of it as can be stored.
    const id = sourceId === part.values.name ? values.name : sourceId
    const faultOfId = id === undefined ? null : faultOfText(id, heading)
    if (faultOfId !== null) reasons.push(`id ${faultOfId}`)
    const isUsable = values.name !== undefined && id !== undefined && faultOfId === null
    skips.push(...reasons.map((reason) => ({ kind, place, reason, isWhole: !isUsable })))
    if (isUsable) {
      ids.set(part, id)
      // Only values that may be missing were left out.
      admitted.push({ sourceId: id, values: values as Values })
    } else kept.add(sourceId)
  }
  return { items: parts === null ? null : admitted, kept, skips, ids }
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
