/** One session of an invented schedule, under the names that the XML and the JSON share. */
export interface InventedEvent {
  readonly id?: string | number
  readonly guid?: string
  readonly room?: string
  readonly persons?: readonly { readonly id?: number; readonly name: string }[]
  readonly [field: string]: unknown
}

interface InventedDay {
  readonly date: string
  readonly events: readonly InventedEvent[]
}

/** Pentabarf's layout: children for everything but id and guid. */
export function frabXml(conference: Readonly<Record<string, string>>, days: readonly InventedDay[]): string {
  const element = (name: string, text: unknown) => `<${name}>${escaped(String(text))}</${name}>`
  const event = ({ id, guid, room: _room, persons = [], ...fields }: InventedEvent) => {
    const attributes = Object.entries({ id, guid }).filter(([, value]) => value !== undefined)
    const people = persons.map(({ id: personId, name }) =>
      personId === undefined ? element('person', name) : `<person id="${personId}">${escaped(name)}</person>`,
    )
    return [
      `<event${attributes.map(([name, value]) => ` ${name}="${value}"`).join('')}>`,
      ...Object.entries(fields).map(([name, value]) => element(name, value)),
      `<persons>${people.join('')}</persons></event>`,
    ].join('\n')
  }
  const day = ({ date, events }: InventedDay, index: number) => {
    const rooms = [...byRoom(events)].map(
      ([name, inRoom]) => `<room name="${name}">\n${inRoom.map(event).join('\n')}\n</room>`,
    )
    return `<day index="${index + 1}" date="${date}">\n${rooms.join('\n')}\n</day>`
  }
  const head = Object.entries(conference).map(([name, value]) => element(name, value))
  return `<?xml version="1.0" encoding="UTF-8"?>\n<schedule>\n<conference>${head.join('')}</conference>\n${days.map(day).join('\n')}\n</schedule>\n`
}

/** The same as schedule.json. */
export function frabJson(conference: Readonly<Record<string, string>>, days: readonly InventedDay[]): object {
  const event = ({ persons = [], ...fields }: InventedEvent) => ({
    ...fields,
    persons: persons.map(({ id, name }) => ({ id, public_name: name })),
  })
  return {
    schedule: {
      version: '1',
      conference: {
        ...conference,
        days: days.map(({ date, events }, index) => ({
          index: index + 1,
          date,
          rooms: Object.fromEntries([...byRoom(events)].map(([room, inRoom]) => [room, inRoom.map(event)])),
        })),
      },
    },
  }
}

function byRoom(events: readonly InventedEvent[]): Map<string, InventedEvent[]> {
  const rooms = new Map<string, InventedEvent[]>()
  for (const event of events) {
    const room = event.room ?? 'Hall'
    rooms.set(room, [...(rooms.get(room) ?? []), event])
  }
  return rooms
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
