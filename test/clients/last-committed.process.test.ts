import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { printSchema } from 'graphql'
import { describe, expect, test } from 'vitest'
import { folderWith } from '../interchange/files.ts'
import { lastCommittedSchema } from './last-committed.ts'

describe('the last committed schema', () => {
  const sdl = (field: string) => `type Query {\n  ${field}: Int\n}`
  const shown = (folder: string) => {
    const last = lastCommittedSchema(folder)
    return 'why' in last ? last.why : `${last.name.split(' ')[0]}: ${printSchema(last.schema)}`
  }
  const commit = (folder: string, field: string) => {
    mkdirSync(path.join(folder, 'src', 'graphql'), { recursive: true })
    writeFileSync(path.join(folder, 'src', 'graphql', 'schema.graphql'), sdl(field))
    run(folder, 'add', '.')
    run(folder, 'commit', '-qm', field)
  }

  test('is nothing outside a git clone, and before the first commit', async () => {
    const folder = await folderWith({})
    expect(shown(folder)).toBe('this is no git clone with a commit')
    run(folder, 'init', '-q')
    expect(shown(folder)).toBe('this is no git clone with a commit')
  })

  test('is that of HEAD where there is no remote, whatever was changed since', async () => {
    const folder = await folderWith({})
    run(folder, 'init', '-q')
    commit(folder, 'committed')
    writeFileSync(path.join(folder, 'src', 'graphql', 'schema.graphql'), sdl('changed'))
    expect(shown(folder)).toBe(`HEAD: ${sdl('committed')}`)
  })

  test("is that of the commit where the branch left the remote's, whatever both did since", async () => {
    const [origin, folder] = [await folderWith({}), await folderWith({})]
    run(origin, 'init', '-q', '-b', 'main')
    commit(origin, 'shared')
    run(folder, 'clone', '-q', origin, '.')
    commit(origin, 'theirs')
    commit(folder, 'ours')
    run(folder, 'fetch', '-q')
    expect(shown(folder)).toBe(`origin/main: ${sdl('shared')}`)
  })
})

function run(folder: string, ...args: string[]): void {
  const who = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org', '-c', 'safe.directory=*']
  execFileSync('git', [...who, ...args], { cwd: folder, stdio: 'pipe' })
}
