/**
 * A calendar as both of its spellings have it: iCalendar (RFC 5545) and xCal (RFC 6321). Values are written as xCal does,
 * '2027-03-27T10:00:00'; iCalendar leaves hyphens and colons out.
 */
export interface Component {
  readonly name: string
  readonly properties: readonly Property[]
  /** Made as they are written, so that a long calendar is never there as a whole. */
  readonly components: Iterable<Component>
}

export interface Property {
  readonly name: string
  readonly parameters: Readonly<Record<string, string>>
  readonly type: ValueType
  /** One value, or a list of texts. */
  readonly value: string | readonly string[]
}

export type ValueType =
  'text' | 'date-time' | 'uri' | 'cal-address' | 'integer' | 'duration' | 'geo' | 'recur' | 'utc-offset'

export function component(
  name: string,
  properties: readonly (Property | null)[],
  components: Iterable<Component> = [],
): Component {
  return { name, properties: properties.filter((property) => property !== null), components }
}

/** A property of text; null, which is left out of a component, for no text. */
export function text(
  name: string,
  value: string | readonly string[] | null,
  parameters: Readonly<Record<string, string>> = {},
): Property | null {
  return value === null || value.length === 0 ? null : { name, parameters, type: 'text', value }
}

export function property(
  name: string,
  type: ValueType,
  value: string,
  parameters: Readonly<Record<string, string>> = {},
): Property {
  return { name, parameters, type, value }
}

/** In UTC, of whole seconds. */
export function utc(name: string, instant: Date): Property {
  return property(name, 'date-time', `${instant.toISOString().slice(0, 19)}Z`)
}
