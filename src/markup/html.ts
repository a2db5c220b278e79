import MarkdownIt from 'markdown-it'
import sanitizeHtml from 'sanitize-html'
import type { TextFormat } from './format.ts'

/**
 * The longest text, in UTF-16 units, whose markup is read. A hostile one takes about 15 microseconds a character, and
 * nothing else is answered meanwhile; longer ones are shown as plain text.
 */
export const mostMarkup = 20_000

/**
 * A text as HTML that does nothing wherever it is put between tags: paragraphs, headings, lists, tables, code and emphasis,
 * with links to absolute http(s) and mailto addresses. Scripts, styles, classes, ids, pictures, frames and forms are gone.
 */
export function safeHtml(text: string, format: TextFormat): string {
  if (format === 'PLAIN' || text.length > mostMarkup) return paragraphs(text)
  return sanitizeHtml(format === 'HTML' ? text : markdown.render(text), allowed).trim()
}

/** Plain text: a blank line begins a paragraph. */
function paragraphs(text: string): string {
  return text
    .split(/\n[^\S\n]*\n\s*/)
    .map((paragraph) => paragraph.trim())
    .filter((paragraph) => paragraph !== '')
    .map((paragraph) => `<p>${escaped(paragraph).replaceAll(/\r?\n/g, '<br />')}</p>`)
    .join('\n')
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

// People mix HTML into their Markdown. What it may hold is decided afterwards.
const markdown = new MarkdownIt({ html: true, linkify: true })

const allowed: sanitizeHtml.IOptions = {
  allowedTags: [
    ...['p', 'br', 'hr', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'blockquote', 'pre', 'div', 'span'],
    ...['ul', 'ol', 'li', 'dl', 'dt', 'dd', 'table', 'caption', 'thead', 'tbody', 'tfoot', 'tr', 'th', 'td'],
    ...['a', 'abbr', 'b', 'strong', 'i', 'em', 'u', 's', 'del', 'ins', 'sub', 'sup', 'small', 'q', 'cite'],
    ...['code', 'kbd', 'samp', 'var'],
  ],
  allowedAttributes: {
    a: ['href', 'title', 'rel'],
    abbr: ['title'],
    ol: ['start'],
    th: cells(),
    td: cells(),
  },
  allowedSchemes: ['http', 'https', 'mailto'],
  allowProtocolRelative: false,
  nestingLimit: 40,
  transformTags: {
    a: (tagName, { href, title }) => ({
      tagName,
      attribs: {
        // A relative address would lead into the page that shows the text.
        ...(href !== undefined && /^\s*(?:https?:\/\/|mailto:)/i.test(href) ? { href } : {}),
        ...(title === undefined ? {} : { title }),
        rel: 'nofollow noopener noreferrer',
      },
    }),
  },
}

function cells(): string[] {
  return ['colspan', 'rowspan']
}
