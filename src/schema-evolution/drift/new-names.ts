import type { Renamed } from './renames.ts'

/**
 * schema.prisma with the database's new names of what was renamed there: models, fields and enums keep theirs, and what is
 * written about them.
 */
export function withNewNames(schema: string, renamed: readonly Renamed[]): string {
  return renamed.reduce((text, { former, now }) => {
    const [kind = '', was = ''] = former.split(/ (.*)/s)
    const own = now.slice(now.indexOf(kind === 'column' ? '.' : ' ') + 1)
    if (kind === 'table') return withMap(text, 'model', was, own)
    if (kind === 'enum') return withMap(text, 'enum', was, own)
    return kind === 'column' ? withFieldMap(text, was, own) : text
  }, schema)
}

function withMap(schema: string, kind: string, former: string, now: string): string {
  return schema.replace(blocks(kind), (block, name: string) => {
    if (nameInDatabase(block, name) !== former) return block
    const map = `@@map("${now}")`
    return mapForm.test(block)
      ? block.replace(mapForm, () => map)
      : block.replace(/\n}$/, () => `\n\n  ${map}\n}`)
  })
}

/** @param former `rooms.floor` */
function withFieldMap(schema: string, former: string, now: string): string {
  const at = former.indexOf('.')
  const [table, column] = [former.slice(0, at), former.slice(at + 1)]
  const map = `@map("${now}")`
  return schema.replace(blocks('model'), (block, name: string) => {
    if (nameInDatabase(block, name) !== table) return block
    return block.replace(/^ +(\w+) .*$/gm, (line: string, field: string) => {
      const mapped = / @map\("([^"]*)"\)/.exec(line)?.[1]
      if ((mapped ?? field) !== column) return line
      if (mapped !== undefined) return line.replace(/@map\("[^"]*"\)/, () => map)
      return line.replace(/^( +\w+ +\S+ *?)(?=  @|(?= @)|$)/, (head) => `${head} ${map}`)
    })
  })
}

function blocks(kind: string): RegExp {
  return new RegExp(`^${kind} (\\w+) \\{\\n[^]*?^\\}`, 'gm')
}

const mapForm = /@@map\("([^"]*)"\)/

function nameInDatabase(block: string, name: string): string {
  return mapForm.exec(block)?.[1] ?? name
}
