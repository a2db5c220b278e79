import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { turn } from '../../src/graphql/giving-way.ts'

test('of many who have dear work before them, one goes on in each turn of the event loop', async () => {
  const seen: string[] = []
  const dear = ['a', 'b', 'c'].map((name) => turn().then(() => seen.push(name)))
  const others = async () => {
    for (let at = 0; at < 4; at += 1) {
      await nextTurn()
      seen.push('-')
    }
  }
  await Promise.all([...dear, others()])
  expect(seen.join('')).toMatch(/^-?a-+b-+c-*$/)
})
