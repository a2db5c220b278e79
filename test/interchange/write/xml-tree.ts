import { SaxesParser } from 'saxes'

/** An element as readers of XML are given it. */
export interface XmlTree {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly XmlTree[]
  /** Its own text, without that of its children. */
  readonly text: string
}

/** The root element. @throws if the text isn't well-formed */
export function xmlTree(text: string): XmlTree {
  const root = { name: '', attributes: {}, children: [] as XmlTree[], text: '' }
  const open = [root]
  const parser = new SaxesParser()
  parser.on('opentag', ({ name, attributes }) => {
    const element = { name, attributes, children: [], text: '' }
    open.at(-1)!.children.push(element)
    open.push(element)
  })
  const note = (more: string) => void (open.at(-1)!.text += more)
  parser.on('text', note)
  parser.on('cdata', note)
  parser.on('closetag', () => void open.pop())
  parser.write(text).close()
  return root.children[0]!
}

/** The elements that a path of names leads to: 'day/room/event'. */
export function elementsAt(tree: XmlTree, path: string): readonly XmlTree[] {
  return path.split('/').reduce<readonly XmlTree[]>(
    (trees, name) => {
      return trees.flatMap(({ children }) => children.filter((child) => child.name === name))
    },
    [tree],
  )
}
