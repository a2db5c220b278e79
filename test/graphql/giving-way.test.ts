import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { turn } from '../../src/graphql/giving-way.ts'

test('of many who have dear work before them, one goes on at a time: others are let in, read and answered in between', async () => {
  const seen: string[] = []
  const dear = ['a', 'b', 'c'].map((name) => turn().then(() => seen.push(name)))
  const others = async () => {
    for (let at = 0; at < 10; at += 1) {
      await nextTurn()
      seen.push('-')
    }
  }
  await Promise.all([...dear, others()])
  expect(seen.join('')).toMatch(/^-{2,3}a-{3}b-{3}c-*$/)
})
