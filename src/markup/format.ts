/** How a long text is written. */
export type TextFormat = 'PLAIN' | 'MARKDOWN' | 'HTML'

/** The format of texts that were found, as a value beside them; nothing where the source has no text. */
export function foundFormat(
  format: TextFormat | null,
  ...texts: readonly (string | null | undefined)[]
): { readonly textFormat?: TextFormat } {
  const isThere = texts.some((text) => typeof text === 'string')
  return isThere ? { textFormat: format ?? formatOfFound(...texts) } : {}
}

/** How texts of a source that doesn't say it are written: HTML if they hold tags of it, else Markdown, which plain text reads as. */
function formatOfFound(...texts: readonly (string | null | undefined)[]): TextFormat {
  return texts.some((text) => typeof text === 'string' && htmlTag.test(text)) ? 'HTML' : 'MARKDOWN'
}

const htmlTag =
  /<\/?(?:p|br|ul|ol|li|a|b|i|em|strong|div|span|h[1-6]|blockquote|pre|code|table)(?:\s[^<>]*)?\/?>/i
