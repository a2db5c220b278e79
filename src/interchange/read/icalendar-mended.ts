import ICAL from 'ical.js'
import { faultOfInstant, parseInstant } from '../../time/instant.ts'
import { zoneCalled } from './zone-names.ts'

const timeNames = ['dtstart', 'dtend', 'recurrence-id', 'exdate', 'rdate'] as const

/**
 * The text of a calendar with its times in the form that RFC 5545 has, where they are in another one of ISO 8601: with hyphens
 * and colons, with an offset, which would be dropped, or a date that isn't called so.
 *
 * @param tell is told of each in words
 */
export function mendedTimes(text: string, tell: (what: string) => void): string {
  return text.replace(timeLine, (line: string, name: string, parameters: string, stated: string) => {
    const values = stated.split(',').map(inBasicForm)
    const isDate = values.every((value) => value?.length === 8)
    if (values.includes(null)) return line
    const mended = isDate && !/;VALUE=/i.test(parameters) ? `${parameters};VALUE=DATE` : parameters
    const said = `${name}${mended}:${values.join(',')}`
    if (said !== line) tell(`read ${line} as ${said}`)
    return said
  })
}

/**
 * The text with its lines as RFC 5545 has them, where a line break stands in the midst of a text: what begins as no property
 * does goes on the line before.
 */
export function joinedLines(text: string, tell: (what: string) => void): string {
  return text.replace(brokenLine, (line: string, said: string) => {
    tell(`read ${JSON.stringify(said.slice(0, 60))} as going on the line before`)
    return `\\n${said}`
  })
}

/** Neither a property nor what is folded, with the line break before it. */
const brokenLine = /(?:\r?\n){1,5}(?![\w-]+[;:]|[ \t]|\r?\n|$)([^\r\n]+)/g

const timeLine = new RegExp(
  String.raw`^(${timeNames.join('|')})((?:;[\w-]+=(?:"[^"\r\n]*"|[^":;\r\n]*))*):([\dTZ:.,+-]+)(?=[ \t]*\r?$)`,
  'gim',
)

/** '20270501', '20270501T100000' or '20270501T100000Z'; null for any other text. */
function inBasicForm(text: string): string | null {
  const parts = isoForm.exec(text)?.groups
  if (parts === undefined) return null
  const { year, month, day, hour, minute, second = '00', offset = '' } = parts
  const date = `${year}${month}${day}`
  if (hour === undefined) return date
  if (offset === '' || offset === 'Z') return `${date}T${hour}${minute}${second}${offset}`
  const instant = `${year}-${month}-${day}T${hour}:${minute}:${second}${offset.slice(0, 3)}:${offset.slice(-2)}`
  if (faultOfInstant(instant) !== null) return null
  return parseInstant(instant)
    .toISOString()
    .replace(/[-:]|\.\d+/g, '')
}

const isoForm = new RegExp(
  [
    String.raw`^(?<year>\d{4})-?(?<month>\d{2})-?(?<day>\d{2})`,
    String.raw`(?:T(?<hour>\d{2}):?(?<minute>\d{2})(?::?(?<second>\d{2})(?:\.\d+)?)?(?<offset>Z|[+-]\d{2}:?\d{2})?)?$`,
  ].join(''),
)

/**
 * Takes the times that can't be read from an event, since the parser fails at them, or reads 30 February as 2 March.
 *
 * @returns what is wrong with its end, and with its other times, in words
 */
export function takeUnreadableTimes(
  component: ICAL.Component,
  zones: ReadonlyMap<string, ICAL.Timezone>,
): { readonly ofEnd: string[]; readonly others: string[] } {
  const faults = { ofEnd: [] as string[], others: [] as string[] }
  for (const name of [...timeNames, 'duration']) {
    for (const property of component.getAllProperties(name)) {
      const fault = isReadable(property)
        ? faultOfZone(property, zones)
        : name === 'duration'
          ? "isn't a duration such as PT45M."
          : "isn't a day such as 20270501, or a time such as 20270501T090000Z."
      if (fault === null) continue
      const isOfEnd = name === 'dtend' || name === 'duration'
      faults[isOfEnd ? 'ofEnd' : 'others'].push(`${name.toUpperCase()} ${fault}`)
      component.removeProperty(property)
    }
  }
  return faults
}

function isReadable(property: ICAL.Property): boolean {
  try {
    // As it was written, but for hyphens and colons.
    const [, , , ...stated] = property.toJSON() as unknown[]
    return property
      .getValues()
      .every((value, at) => !(value instanceof ICAL.Time) || String(value) === stated[at])
  } catch {
    return false
  }
}

function faultOfZone(property: ICAL.Property, zones: ReadonlyMap<string, ICAL.Timezone>): string | null {
  const zone = property.getFirstParameter('tzid')
  if (zone === undefined || zones.has(zone) || zoneCalled(zone) !== null) return null
  return `is in the zone ${JSON.stringify(zone)}, which isn't known, and of which the calendar doesn't say what it is.`
}
