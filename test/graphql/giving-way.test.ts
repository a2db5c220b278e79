import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { withMarks } from '../../src/compiled/marks.ts'
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

test('others are answered while thousands of wall clocks of one answer are written', async () => {
  let [turns, isWritten] = [0, false]
  const seen = new Set<number>()
  const others = async () => {
    while (!isWritten) {
      await nextTurn()
      turns += 1
    }
  }
  const write = (value: string) => {
    seen.add(turns)
    return value
  }
  const writing = withMarks('[\u00010 x\u0001]'.repeat(5_000), [write], null)
  const running = others()
  expect(await writing).toBe('[x]'.repeat(5_000))
  isWritten = true
  await running
  expect(seen.size).toBeGreaterThanOrEqual(5)
})
