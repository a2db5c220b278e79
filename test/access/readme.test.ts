import { readFileSync } from 'node:fs'
import path from 'node:path'
import { format } from 'prettier'
import { expect, test } from 'vitest'
import { allPermissions, extentOf, permissions, type Role } from '../../src/access/permissions.ts'
import { projectFolder } from '../../src/config.ts'

const readme = path.join(projectFolder, 'src/access/README.md')
const begin = '<!-- From src/access/permissions.ts: npm run permissions -->'
const end = '<!-- Until here. -->'

const columns = {
  owner: 'OWNER',
  organizer: 'ORGANIZER',
  'co-organizer': 'CO_ORGANIZER',
  'track organizer': 'TRACK_ORGANIZER',
  moderator: 'MODERATOR',
  reviewer: 'REVIEWER',
  speaker: 'SPEAKER',
  'signed in': 'VISITOR',
} as const satisfies Record<string, Role>

test('the chapter on access has the table of permissions as the code has it; after a change: npm run permissions', async () => {
  const written = readFileSync(readme, 'utf8')
  const [before, after] = [written.split(begin)[0]!, written.split(end)[1]!]
  const made = `${before}${begin}\n\n${await tableOfPermissions()}\n${end}${after}`
  await expect(made).toMatchFileSnapshot(readme)
})

function tableOfPermissions(): Promise<string> {
  const rows = allPermissions.map((permission) => {
    const cells = Object.values(columns).map((role) => cellOf(extentOf(role, permission)))
    return `| \`${permission}\`: ${permissions[permission].means} | ${cells.join(' | ')} |`
  })
  const head = `| | ${Object.keys(columns).join(' | ')} |\n|---|${Object.keys(columns)
    .map(() => ':-:|')
    .join('')}`
  return format(`${head}\n${rows.join('\n')}\n`, { parser: 'markdown' })
}

function cellOf(extent: 'all' | 'own' | undefined): string {
  return extent === undefined ? '' : extent === 'all' ? 'yes' : 'own'
}
