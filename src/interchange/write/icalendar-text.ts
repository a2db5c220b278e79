import type { Component, Property } from './icalendar-components.ts'

/** A calendar as RFC 5545 spells it: lines of at most 75 octets that end in CRLF. */
export function* icalendarText({ name, properties, components }: Component): Generator<string> {
  yield `BEGIN:${name}\r\n`
  for (const property of properties) yield folded(lineOf(property))
  for (const inner of components) yield* icalendarText(inner)
  yield `END:${name}\r\n`
}

function lineOf({ name, parameters, type, value }: Property): string {
  const described = Object.entries(parameters).map(([key, text]) => `;${key}=${parameterText(text)}`)
  return `${name}${described.join('')}:${valueText(type, value)}`
}

function valueText(type: Property['type'], value: Property['value']): string {
  if (typeof value !== 'string') return value.map(escaped).join(',')
  if (type === 'text') return escaped(value)
  if (type === 'date-time') return value.replace(/[-:]/g, '')
  return type === 'utc-offset' ? value.replace(/:/g, '') : withoutControls(value)
}

/** Backslash, semicolon, comma and line breaks; control characters, which no reader takes, are left out. */
function escaped(text: string): string {
  return withoutControls(text.replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n'), '\n\t')
    .replace(/[\\;,]/g, '\\$&')
    .replace(/\n/g, '\\n')
}

/** In quotes if it needs them; RFC 6868 tells how what can't stand in them is written. */
function parameterText(text: string): string {
  const plain = withoutControls(text.replace(/\r\n?/g, '\n'), '\n\t')
    .replace(/\^/g, '^^')
    .replace(/\n/g, '^n')
    .replace(/"/g, "^'")
  return /[:;,]/.test(plain) ? `"${plain}"` : plain
}

function withoutControls(text: string, kept = ''): string {
  const wellFormed = text.toWellFormed()
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  return wellFormed.replace(/[\u0000-\u001F\u007F]/g, (control) => (kept.includes(control) ? control : ''))
}

/** The line, broken wherever the next character would be beyond 75 octets; no character is ever broken. */
function folded(line: string): string {
  if (line.length <= most && Buffer.byteLength(line) <= most) return `${line}\r\n`
  let [text, octets] = ['', 0]
  for (const character of line) {
    const more = octetsOf(character)
    if (octets + more > most) {
      text += '\r\n '
      octets = 1
    }
    text += character
    octets += more
  }
  return `${text}\r\n`
}

const most = 75

function octetsOf(character: string): number {
  const point = character.codePointAt(0)!
  return point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4
}
