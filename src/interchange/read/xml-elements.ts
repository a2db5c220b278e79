import { SaxesParser } from 'saxes'
import { unreadable } from './faults.ts'
import { mendedText, tellLost } from './mended-text.ts'
import { type Source, textOf } from './source.ts'
import { mendedXml } from './xml-mended.ts'

export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: XmlElement[]
  /** All the text inside, that of inner elements included, as in the DOM's textContent. */
  text: string
  readonly line: number
}

/**
 * Reads an XML file as a stream: each element is shown when it is complete, innermost first, and forgotten where
 * `visit` answers 'drop', so that a file of any size takes the memory of one session.
 *
 * The parser checks well-formedness, fetches nothing and expands no entity but the five of XML and numeric ones, which
 * those of HTML have become.
 *
 * @param visit gets the element and those around it, the root first
 * @throws BAD_USER_INPUT with line and column where the file isn't well-formed or declares entities
 */
export async function readXml(
  source: Source,
  visit: (element: XmlElement, ancestors: readonly XmlElement[]) => 'keep' | 'drop',
): Promise<void> {
  const parser = new SaxesParser({ position: true, xmlns: false })
  const place = () => `${source.name} line ${parser.line}, column ${parser.column + 1}`
  const line = () => `line ${parser.line}`
  const open: XmlElement[] = []

  parser.on('error', (error) => {
    const why = error.message.replace(/^[\d:]+\s*/, '').replace(/\.$/, '')
    throw unreadable(place(), `isn't well-formed XML: ${why}.`, error)
  })
  parser.on('doctype', (doctype) => {
    if (doctype.includes('['))
      throw unreadable(place(), 'declares its own entities or elements, which is refused.')
  })
  parser.on('opentag', ({ name, attributes }) => {
    const mended = Object.entries(attributes).map(([key, text]) => [key, mendedText(text, line(), source)])
    open.push({
      name: localName(name),
      attributes: Object.fromEntries(mended) as Record<string, string>,
      children: [],
      text: '',
      line: parser.line,
    })
  })
  const addText = (text: string) => {
    const innermost = open.at(-1)
    if (innermost !== undefined) innermost.text += text
  }
  parser.on('text', addText)
  parser.on('cdata', addText)
  parser.on('closetag', () => {
    const element = open.pop()!
    // What stands around others holds what they hold.
    if (element.children.length === 0) tellLost(element.text, `line ${element.line}`, source)
    element.text = mendedText(element.text, `line ${element.line}`, source)
    if (visit(element, open) === 'drop') return
    open.at(-1)?.children.push(element)
    addText(element.text)
  })

  const tell = (what: string) => source.listener?.onMended(source.name, what)
  for await (const text of mendedXml(textOf(source), tell)) parser.write(text)
  parser.close()
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}
