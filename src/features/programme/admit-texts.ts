import { pairDirections } from '../../directions.ts'
import { faultOfText, heading, isBlank, type TextRule } from '../../text.ts'

/**
 * What of the texts can be stored, by the rules that everybody's texts are held to. A faulty text is left out; a faulty
 * heading is cut, or goes without what it may not hold, because nothing can be without one.
 *
 * @param heading the text that may not be missing
 * @param reasons is given what is wrong about each
 * @returns the values; a heading of which nothing is left isn't among them
 */
export function admitTexts<Values extends object>(
  values: Values,
  rules: Readonly<Partial<Record<string, TextRule>>>,
  required: string,
  reasons: string[],
): Partial<Values> {
  const admitted = Object.entries(values).flatMap(([name, value]: [string, unknown]) => {
    const rule = rules[name]
    const fault = rule === undefined || typeof value !== 'string' ? null : faultOfText(value, rule)
    if (fault === null) return [[name, value] as const]
    reasons.push(`${name} ${fault}`)
    // Only texts have faults, and only of a rule.
    const text = name === required ? usableHeading(value as string, rule!) : null
    return text === null ? [] : [[name, text] as const]
  })
  // A part of the values' own entries.
  return Object.fromEntries(admitted) as Partial<Values>
}

/** The ids that can be stored; what is wrong about the others goes to the reasons. */
export function admitIds(ids: readonly string[], reasons: string[]): string[] {
  return ids.filter((id) => {
    const fault = faultOfText(id, heading)
    if (fault !== null) reasons.push(`id ${fault}`)
    return fault === null
  })
}

/** The heading without overrides of direction, cut to the length that it may have; null if it can't be saved. */
function usableHeading(text: string, rule: TextRule): string | null {
  const plain = pairDirections(text.replace(/[\u202D\u202E]/g, ''), () => {})
  const characters = Array.from(plain)
  const cut =
    characters.length > rule.maxLength ? `${characters.slice(0, rule.maxLength - 1).join('')}…` : plain
  const usable = pairDirections(cut, () => {}).slice(0, plain.length)
  return isBlank(usable) || faultOfText(usable, rule) !== null ? null : usable
}
