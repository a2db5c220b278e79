import type { Component, Property } from './icalendar-components.ts'
import { element, opened } from './xml-text.ts'

/** A calendar as RFC 6321 spells it in XML. */
export function* xcal(calendar: Component): Generator<string> {
  yield '<?xml version="1.0" encoding="UTF-8"?>\n'
  yield opened('icalendar', { xmlns: 'urn:ietf:params:xml:ns:icalendar-2.0' })
  yield* componentXml(calendar)
  yield '</icalendar>\n'
}

function* componentXml({ name, properties, components }: Component): Generator<string> {
  const tag = name.toLowerCase()
  yield `\n<${tag}><properties>${properties.map(propertyXml).join('')}</properties>`
  let isEmpty = true
  for (const inner of components) {
    if (isEmpty) yield '<components>'
    isEmpty = false
    yield* componentXml(inner)
  }
  yield `${isEmpty ? '' : '</components>'}</${tag}>`
}

function propertyXml({ name, parameters, type, value }: Property): string {
  const tag = name.toLowerCase()
  // What VALUE says in text is the element's own name here.
  const given = Object.entries(parameters).filter(([key]) => key !== 'VALUE')
  const described = given.map(([key, text]) => {
    return `<${key.toLowerCase()}>${element(parameterTypes[key] ?? 'text', text)}</${key.toLowerCase()}>`
  })
  const parametersXml = described.length === 0 ? '' : `<parameters>${described.join('')}</parameters>`
  const values = typeof value === 'string' ? [value] : value
  return `<${tag}>${parametersXml}${values.map((one) => valueXml(type, one)).join('')}</${tag}>`
}

const parameterTypes: Readonly<Record<string, string>> = { LANGUAGE: 'language-tag' }

function valueXml(type: Property['type'], value: string): string {
  if (type === 'geo') {
    const [latitude, longitude] = value.split(';') as [string, string]
    return `${element('latitude', latitude)}${element('longitude', longitude)}`
  }
  if (type !== 'recur') return element(type, value)
  const parts = value.split(';').map((part) => part.split('=') as [string, string])
  return `<recur>${parts.map(([key, text]) => element(key.toLowerCase(), text)).join('')}</recur>`
}
