import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { projectFolder } from '../../src/config.ts'

/** The files of src that are written by hand. */
const sources = readdirSync(path.join(projectFolder, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.(ts|mjs)$/.test(file) && !file.startsWith('generated'))
  .map((file) => ({ file, text: readFileSync(path.join(projectFolder, 'src', file), 'utf8') }))

test('no source file is longer than 250 lines', () => {
  const long = sources
    .map(({ file, text }) => ({ file, lines: text.split('\n').length - 1 }))
    .filter(({ lines }) => lines > 250)
  expect(long).toEqual([])
})

test('no name is exported for two things', () => {
  const places = new Map<string, string[]>()
  for (const { file, text } of sources) {
    for (const [, name] of text.matchAll(declared)) places.set(name!, [...(places.get(name!) ?? []), file])
  }
  expect([...places].filter(([, files]) => new Set(files).size > 1)).toEqual([])
})

const declared = /^export (?:async )?(?:function|const|interface|type|class) (\w+)/gm

test('no statement is in the order of a text that it makes of a number or an id', () => {
  const wrong = sources.flatMap(({ file, text }) =>
    Array.from(text.matchAll(orderedByItsText), ([found]) => ({ file, found })),
  )
  expect(wrong).toEqual([])
})

/**
 * `SELECT seq::text FROM commits ORDER BY seq` is in the order of the text: 10 stands before 9. `ORDER BY` takes a bare name
 * for the column of the answer, and a cast is called as what it was made of.
 */
const orderedByItsText =
  /(?<![\w.(])(?:\w+\.)?(\w+)::\w+(?: AS \1)?(?=,|\s+FROM\b)[^`;]*?\bORDER BY (?:[\w.]+(?: DESC)?, )*\1\b(?!\.)/g
