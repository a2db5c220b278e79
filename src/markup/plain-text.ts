import { convert } from 'html-to-text'

/** What HTML says, without its tags: blocks on lines of their own, lists with marks, links by their text. Sanitised HTML only. */
export function textOfHtml(html: string): string {
  return convert(html, {
    wordwrap: false,
    selectors: [
      { selector: 'a', options: { ignoreHref: true } },
      ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({
        selector,
        options: { uppercase: false },
      })),
      { selector: 'th', format: 'block' },
      { selector: 'td', format: 'block' },
      { selector: 'blockquote', options: { trimEmptyLines: true } },
    ],
  })
}

/**
 * A text of so many code points at most. One that is longer is cut after a word if that leaves two thirds of it, never
 * inside of what shows as one character, and ends in "…", which counts.
 *
 * @param maxLength 1 or more
 */
export function shortened(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text
  // No code point has more than two units.
  const points = Array.from(text.slice(0, 2 * maxLength + 2))
  if (points.length <= maxLength && text.length <= 2 * maxLength + 2) return text
  const most = points.slice(0, maxLength - 1).join('')
  const whole = text.startsWith(' ', most.length) ? most : (atWord(most) ?? atCharacter(text, most.length))
  return `${whole.trimEnd()}…`
}

function atWord(text: string): string | null {
  const end = text.search(/\s\S*$/)
  return end >= (text.length * 2) / 3 ? text.slice(0, end) : null
}

/** As much of the text as ends before the length, or at it, with a whole character. */
function atCharacter(text: string, length: number): string {
  // Characters of many code points, such as families, have some tens of them.
  const from = Math.max(0, length - 100)
  const starts = Array.from(characters.segment(text.slice(from, length + 100)), ({ index }) => from + index)
  return text.slice(0, Math.max(0, ...starts.filter((start) => start <= length)))
}

const characters = new Intl.Segmenter('en', { granularity: 'grapheme' })
