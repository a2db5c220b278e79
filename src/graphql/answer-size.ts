import { JsonData } from './json-data.ts'

/** Whether the texts in an answer have more characters together than it may, before it is written down. */
export function isLongerThan(most: number, data: unknown): boolean {
  if (!(data instanceof JsonData)) return charactersIn(data) > most
  if (data.isCut) return true
  // The texts in it are no longer than all of it.
  return data.text.length > most && charactersInJson(data.text) > most
}

function charactersIn(value: unknown): number {
  if (typeof value === 'string') return value.length
  if (typeof value !== 'object' || value === null) return 0
  let characters = 0
  for (const key in value) characters += charactersIn((value as Record<string, unknown>)[key])
  return characters
}

/** The same of what is JSON already. To parse megabytes of it would hold up others for longer than to read it. */
function charactersInJson(json: string): number {
  let characters = 0
  for (let at = json.indexOf('"'); at !== -1; at = json.indexOf('"', at)) {
    let length = 0
    for (at += 1; json.charCodeAt(at) !== code.quote; at += 1) {
      // \n is one more, \u0001 five.
      if (json.charCodeAt(at) === code.backslash) at += json.charCodeAt(at + 1) === code.u ? 5 : 1
      length += 1
    }
    at += 1
    if (json.charCodeAt(at) !== code.colon) characters += length
  }
  return characters
}

const code = { quote: 0x22, backslash: 0x5c, u: 0x75, colon: 0x3a }
