import { faultOfInstant, parseInstant } from '../time/instant.ts'

/**
 * The instant that an option names: 2027-01-01 (midnight in UTC), or an instant with its offset.
 *
 * @throws RangeError that begins with the option's name where it is none
 */
export function instantOption(option: string, text: string): Date {
  const instant = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00Z` : text
  const fault = faultOfInstant(instant)
  if (fault !== null) throw new RangeError(`${option}: ${fault}`)
  return parseInstant(instant)
}
