/**
 * Text for readers that show no markup. Programmes hold plain text, Markdown, or HTML, as their tools wrote them; HTML
 * becomes lines, the rest stays as it is.
 */
export function plainTextOf(text: string): string {
  if (!isHtml.test(text)) return text.replace(/\r\n?/g, '\n').trim()
  return text
    .replace(/\s+/g, ' ')
    .replace(/<(script|style)\b[^>]*>.*?<\/\1\s*>/gi, '')
    .replace(/ ?<br\s*\/?> ?/gi, '\n')
    .replace(/ ?<li\b[^>]*> ?/gi, '\n- ')
    .replace(/ ?<\/?(p|div|ul|ol|h[1-6]|blockquote|pre|table|tr)\b[^>]*> ?/gi, '\n\n')
    .replace(/<\/?[a-z][^<>]*>/gi, '')
    .replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]+));/gi, unescaped)
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}

/** The same text as HTML: paragraphs, and addresses that can be followed. */
export function htmlOf(plainText: string): string {
  const paragraphs = plainText.split(/\n{2,}/).map((paragraph) => {
    const escaped = paragraph.replace(/[&<>"]/g, (character) => entities[character]!)
    const linked = escaped.replace(/https?:\/\/[^\s<>]*[^\s<>.,;:!?)'\]]/g, '<a href="$&">$&</a>')
    return `<p>${linked.replace(/\n/g, '<br>')}</p>`
  })
  return `<html><body>${paragraphs.join('')}</body></html>`
}

const isHtml = /<(p|br|ul|ol|li|div|a|em|strong|b|i|h[1-6]|blockquote|span|pre)(\s[^<>]*)?\/?>/i

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

const named: Readonly<Record<string, string>> = {
  ...{ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' },
  ...{ ndash: '–', mdash: '—', hellip: '…', lsquo: '‘', rsquo: '’', ldquo: '“', rdquo: '”' },
}

function unescaped(whole: string, decimal?: string, hexadecimal?: string, name?: string): string {
  if (name !== undefined) return named[name.toLowerCase()] ?? whole
  const point = decimal === undefined ? Number.parseInt(hexadecimal!, 16) : Number(decimal)
  return point > 0 && point <= 0x10ffff && !(point >= 0xd800 && point < 0xe000)
    ? String.fromCodePoint(point)
    : ''
}
