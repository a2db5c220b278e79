import type ICAL from 'ical.js'

/**
 * Takes out of a calendar each event that a later edition of it supersedes: the same UID, and the same occurrence, with a
 * lower SEQUENCE (RFC 5545, 3.8.7.4).
 *
 * @returns how many
 */
export function takeSuperseded(calendar: ICAL.Component): number {
  const events = calendar.getAllSubcomponents('vevent')
  const newest = new Map<string, number>()
  for (const event of events) {
    const key = keyOf(event)
    newest.set(key, Math.max(sequenceOf(event), newest.get(key) ?? 0))
  }
  const superseded = events.filter((event) => sequenceOf(event) < newest.get(keyOf(event))!)
  for (const event of superseded) calendar.removeSubcomponent(event)
  return superseded.length
}

function sequenceOf(event: ICAL.Component): number {
  const sequence = Number(event.getFirstPropertyValue('sequence') ?? 0)
  return Number.isFinite(sequence) ? sequence : 0
}

function keyOf(event: ICAL.Component): string {
  return JSON.stringify(['uid', 'recurrence-id'].map((name) => String(event.getFirstPropertyValue(name))))
}
