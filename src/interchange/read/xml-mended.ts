import { decodeHTMLStrict } from 'entities'
import { isControl, mendedControl } from './mended-text.ts'

/**
 * The text of an XML file, piece by piece, without what no XML may hold and nobody sees: blanks before its declaration, and
 * references to control characters. The entities of HTML are what they are there (&eacute;). An "&" that begins no entity
 * means itself: the parser would take all up to the next semicolon for a name, and name that place as the fault's.
 *
 * @param tell is told of each in words
 */
export async function* mendedXml(
  pieces: AsyncIterable<string>,
  tell: (what: string) => void,
): AsyncGenerator<string> {
  // What ends the comment or the CDATA that the text is in, where all stands for itself.
  let ending: string | null = null
  const mended = (text: string) =>
    text.replace(token, (whole: string, hex: string | undefined, decimal: string | undefined) => {
      if (ending !== null) {
        if (whole === ending) ending = null
        return whole
      }
      ending = endings.get(whole) ?? null
      if (whole === '&') {
        tell('read an "&" that begins no entity as it stands')
        return '&amp;'
      }
      if (entityOfHtml.test(whole)) return namedEntity(whole, tell)
      const code = hex === undefined ? decimal : `0x${hex}`
      if (code === undefined || !isControl(Number(code))) return whole
      return mendedControl(String.fromCharCode(Number(code)), tell, whole)
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
    // A token may go on in the next piece.
    const end = text.length - (unfinished.exec(text)?.[0].length ?? 0)
    rest = text.slice(end)
    yield mended(text.slice(0, end))
  }
  yield mended(rest)
}

/** A name that XML has not is read as HTML has it, else as it stands. */
function namedEntity(name: string, tell: (what: string) => void): string {
  const meant = decodeHTMLStrict(name)
  if (meant === name) {
    tell(`read ${name}, which no entity is called, as it stands`)
    return name.replace('&', '&amp;')
  }
  tell(`read ${name} as HTML does`)
  // "&AMP;" and "&LT;" mean what would begin another one.
  return Array.from(meant, (character) => `&#${character.codePointAt(0)};`).join('')
}

const entityOfHtml = /^&(?!(?:amp|lt|gt|quot|apos);)[A-Za-z_]/
const endings: ReadonlyMap<string, string> = new Map([
  ['<![CDATA[', ']]>'],
  ['<!--', '-->'],
])
const token = /<!\[CDATA\[|<!--|\]\]>|-->|&(?:#x([0-9a-f]{1,40});|#(\d{1,40});|[a-z_][\w.:-]{0,39};)?/gi
const unfinished = /(?:&#?[\w.:-]{0,40}|<(?:!(?:--?|\[[a-z]{0,5})?)?|\]{1,2}|-{1,2})$/i
