/** An element with its text; without an end tag of its own if it has none. */
export function element(
  name: string,
  content: string | null,
  attributes: Readonly<Record<string, string | null>> = {},
): string {
  const text = content === null ? '' : escapedXml(content)
  return text === ''
    ? `<${name}${attributesText(attributes)}/>`
    : `${opened(name, attributes)}${text}</${name}>`
}

export function opened(name: string, attributes: Readonly<Record<string, string | null>> = {}): string {
  return `<${name}${attributesText(attributes)}>`
}

function attributesText(attributes: Readonly<Record<string, string | null>>): string {
  const given = Object.entries(attributes).filter(([, value]) => value !== null)
  return given
    .map(([name, value]) => ` ${name}="${escapedXml(value!).replace(/[\t\n]/g, referenceTo)}"`)
    .join('')
}

/** Without what XML 1.0 can't hold; a carriage return by reference, because a reader would make a line feed of it. */
function escapedXml(text: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  const possible = text.toWellFormed().replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, '')
  return possible.replace(/[&<>"]/g, (character) => entities[character]!).replace(/\r/g, referenceTo)
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

function referenceTo(character: string): string {
  return `&#${character.codePointAt(0)};`
}
