import { isControl } from './source.ts'

/**
 * The text of an XML file, piece by piece, without what no XML may hold and nobody sees: blanks before its declaration, and
 * references to control characters.
 *
 * @param tell is told of each in words
 */
export async function* mendedXml(
  pieces: AsyncIterable<string>,
  tell: (what: string) => void,
): AsyncGenerator<string> {
  const mended = (text: string) =>
    text.replace(reference, (whole, hex: string | undefined, decimal: string | undefined) => {
      if (!isControl(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16))) return whole
      tell(`left out ${whole}, a control character`)
      return ''
    })
  let rest = ''
  let isFirst = true
  for await (const piece of pieces) {
    let text = rest + piece
    if (isFirst && /^\s+<\?xml\s/.test(text)) {
      tell('left out the blanks before the XML declaration')
      text = text.trimStart()
    }
    isFirst = false
    // A reference may go on in the next piece.
    const end = text.length - (unfinished.exec(text)?.[0].length ?? 0)
    rest = text.slice(end)
    yield mended(text.slice(0, end))
  }
  yield mended(rest)
}

const reference = /&#(?:x([0-9a-f]{1,8})|(\d{1,8}));/gi
const unfinished = /&(?:#(?:x[0-9a-f]{0,8}|\d{0,8}))?$/i
