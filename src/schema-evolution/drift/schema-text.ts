/** The models, enums and other blocks of a Prisma schema: their head (`model Room`) to the lines between the braces. */
function blocksOf(schema: string): Map<string, string[]> {
  return new Map(
    [...schema.matchAll(/^(\w+ \w+) \{\n([^]*?)^\}/gm)].map(([, head = '', body = '']) => [
      head,
      // Of partial indexes Prisma tells only with a preview feature that schema.prisma doesn't ask for.
      body.split('\n').filter((line) => line.trim() !== '' && !line.includes('where: raw(')),
    ]),
  )
}

/**
 * schema.prisma with what changed between two readings of databases: fields, attributes, models and enums that came or
 * went, each under its name in the database. Everything else stays as it was written.
 *
 * @param before what Prisma reads from the database that schema.prisma fits
 * @param after what it reads from the one that it is to fit
 */
export function withChanges(schema: string, before: string, after: string): string {
  const [was, is] = [blocksOf(before), blocksOf(after)]
  let text = schema
  for (const [head, lines] of was) {
    const now = is.get(head)
    if (now === undefined) text = text.replace(blockForm(head), '')
    else {
      const gone = lines.filter((line) => !now.some((other) => same(other, line)))
      const added = now.filter((line) => !lines.some((other) => same(other, line)))
      text = withLines(text, head, gone, added)
    }
  }
  const made = [...is].filter(([head]) => !was.has(head))
  return text + made.map(([head, lines]) => `\n${head} {\n${lines.join('\n')}\n}\n`).join('')
}

function withLines(text: string, head: string, gone: readonly string[], added: readonly string[]): string {
  return text.replace(blockForm(head), (block) => {
    const [first = '', ...rest] = block.split('\n')
    const goneNames = gone.map(nameOf)
    const changed = new Map(
      added.filter((line) => goneNames.includes(nameOf(line))).map((line) => [nameOf(line), line]),
    )
    const kept = rest.flatMap((line) => {
      const name = nameOf(line)
      if (!goneNames.includes(name)) return [line]
      return changed.has(name) ? [changed.get(name)!] : []
    })
    const fields = added.filter((line) => !changed.has(nameOf(line)))
    // After the last field: attributes of the whole block come last.
    const place = kept.findLastIndex((line) => /^ +\w/.test(line)) + 1
    return [first, ...kept.slice(0, place), ...fields, ...kept.slice(place)].join('\n')
  })
}

/** With the comments right above it. */
function blockForm(head: string): RegExp {
  return new RegExp(`(?:^///.*\\n)*^${head} \\{\\n[^]*?^\\}\\n?`, 'm')
}

/** Of a field its name; attributes of the block are known by the whole line. */
function nameOf(line: string): string {
  const [word = ''] = line.trim().split(/\s/)
  return word.startsWith('@@') ? line.trim().replace(/\s+/g, ' ') : word
}

/** But for the blanks that put columns below each other. */
function same(one: string, other: string): boolean {
  return one.trim().replace(/\s+/g, ' ') === other.trim().replace(/\s+/g, ' ')
}
