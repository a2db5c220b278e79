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

test('no name is exported for two things', () => {
  const source = path.join(projectFolder, 'src')
  const places = new Map<string, string[]>()
  for (const file of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.ts') || file.startsWith('generated')) continue
    const text = readFileSync(path.join(source, file), 'utf8')
    for (const [, name] of text.matchAll(declared)) places.set(name!, [...(places.get(name!) ?? []), file])
  }
  expect([...places].filter(([, files]) => new Set(files).size > 1)).toEqual([])
})

test('no statement is in the order of a text that it makes of a number or an id', () => {
  const source = path.join(projectFolder, 'src')
  const wrong = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.startsWith('generated'))
    .flatMap((file) =>
      Array.from(readFileSync(path.join(source, file), 'utf8').matchAll(orderedByItsText), ([found]) => ({
        file,
        found,
      })),
    )
  expect(wrong).toEqual([])
})

/**
 * `SELECT seq::text FROM commits ORDER BY seq` is in the order of the text: 10 stands before 9. `ORDER BY` takes a bare name
 * for the column of the answer, and a cast is called as what it was made of.
 */
const orderedByItsText =
  /(?<![\w.(])(?:\w+\.)?(\w+)::\w+(?: AS \1)?(?=,|\s+FROM\b)[^`;]*?\bORDER BY (?:[\w.]+(?: DESC)?, )*\1\b(?!\.)/g

const declared = /^export (?:async )?(?:function|const|interface|type|class) (\w+)/gm
