import { GraphQLError, Kind, type ValueNode } from 'graphql'
import { faultOfWebAddress } from '../text.ts'
import { faultOfInstant, formatInstant, parseInstant } from '../time/instant.ts'
import { isTimeZone, timeZoneNamed } from '../time/time-zone.ts'
import { faultOfDate, faultOfTimeOfDay, faultOfWallClock } from '../time/wall-clock.ts'

/** The first line of defence of UTC: nothing but an instant with an offset becomes a Date. */
export const scalars = {
  DateTime: textScalar<Date>('DateTime', faultOfInstant, parseInstant, (value) => {
    if (value instanceof Date) return formatInstant(value)
    throw new TypeError('A DateTime field was given something else than a Date.')
  }),
  LocalDateTime: textScalar('LocalDateTime', faultOfWallClock),
  LocalDate: textScalar('LocalDate', faultOfDate),
  LocalTime: textScalar('LocalTime', faultOfTimeOfDay),
  TimeZone: textScalar('TimeZone', faultOfTimeZone, (text) => timeZoneNamed(text) ?? text),
  URL: textScalar('URL', faultOfUrl),
}

/**
 * A scalar that is text on the wire, with a fault where the text doesn't hold what the scalar promises. Its functions
 * only: name and description are the SDL's.
 */
function textScalar<Internal = string>(
  name: string,
  faultOf: (text: string) => string | null,
  parse: (text: string) => Internal = (text) => text as Internal,
  serialize: (value: unknown) => string = String,
) {
  const read = (value: unknown, node?: ValueNode): Internal => {
    const fault = typeof value === 'string' ? faultOf(value) : `A ${name} is sent as a string.`
    if (fault !== null) throw new GraphQLError(fault, node ? { nodes: node } : {})
    return parse(value as string)
  }
  return {
    serialize,
    parseValue: (value: unknown) => read(value),
    parseLiteral: (node: ValueNode) => read(node.kind === Kind.STRING ? node.value : null, node),
  }
}

function faultOfUrl(text: string): string | null {
  const fault = faultOfWebAddress(text)
  return fault === null ? null : `${JSON.stringify(text.slice(0, 200))} ${fault}`
}

function faultOfTimeZone(text: string): string | null {
  if (isTimeZone(text)) return null
  return `${JSON.stringify(text.slice(0, 200))} isn't an IANA time zone name such as "Europe/Berlin".`
}
