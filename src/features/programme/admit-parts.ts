import type { FoundPart } from '../../interchange/read/found.ts'
import { faultOfText, heading, line, prose, type TextRule } from '../../text.ts'
import type { Admitted, AdmittedPart, PartKind, Skip } from './admitted.ts'

/**
 * The parts of a kind that can be stored. One without a usable name is left out, and so are single values that can't
 * be stored.
 */
export function admitParts<Values extends { readonly name: string }>(
  kind: PartKind,
  parts: readonly (FoundPart & { readonly values: Values })[] | null,
): Admitted<AdmittedPart<Values>> & { readonly unusable: readonly FoundPart[] } {
  const admitted: AdmittedPart<Values>[] = []
  const skips: Skip[] = []
  const unusable: FoundPart[] = []
  for (const part of parts ?? []) {
    const { place, sourceId } = part
    const faultOfName = faultOfText(part.values.name, heading)
    const faultOfId = faultOfText(sourceId, heading)
    if (faultOfName !== null || faultOfId !== null) {
      unusable.push(part)
      const reason = faultOfName === null ? `id ${faultOfId}` : `name ${faultOfName}`
      skips.push({ kind, place, reason, isWhole: true })
      continue
    }
    const reasons = [...part.faults]
    const values = Object.entries(part.values).filter(([name, value]) => {
      const rule = rules[name]
      const fault = rule === undefined || typeof value !== 'string' ? null : faultOfText(value, rule)
      if (fault !== null) reasons.push(`${name} ${fault}`)
      return fault === null
    })
    skips.push(...reasons.map((reason) => ({ kind, place, reason, isWhole: false })))
    // Only values that may be missing were left out.
    admitted.push({ sourceId, values: Object.fromEntries(values) as unknown as Values })
  }
  const kept = new Set(unusable.map(({ sourceId }) => sourceId))
  return { items: parts === null ? null : admitted, kept, skips, unusable }
}

/** Links and colours were looked at when they were read. */
const rules: Readonly<Record<string, TextRule>> = {
  biography: prose,
  description: prose,
  organisation: line,
  country: line,
  floor: line,
}
