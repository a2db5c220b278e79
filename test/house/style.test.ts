import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { projectFolder } from '../../src/config.ts'

test('no source file is longer than 250 lines', () => {
  const source = path.join(projectFolder, 'src')
  const long = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.(ts|mjs)$/.test(file) && !file.startsWith('generated'))
    .map((file) => ({ file, lines: readFileSync(path.join(source, file), 'utf8').split('\n').length - 1 }))
    .filter(({ lines }) => lines > 250)
  expect(long).toEqual([])
})
