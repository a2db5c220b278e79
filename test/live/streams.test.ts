import { expect, test } from 'vitest'
import { createStreams } from '../../src/live/streams.ts'

const event = '00000000-0000-7000-8000-000000000001'

/** Whether a promise is settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending')
  return (await Promise.race([promise, Promise.resolve(pending)])) !== pending
}

test('what many read after one wake-up is read once, and anew after the next', async () => {
  const streams = createStreams()
  let reads = 0
  const read = async () => (reads += 1)
  const many = Array.from({ length: 1_000 }, () => streams.join())
  expect(new Set(await Promise.all(many.map((stream) => stream.share('page', 'here', read))))).toEqual(
    new Set([1]),
  )
  streams.wake(event)
  expect(new Set(await Promise.all(many.map((stream) => stream.share('page', 'here', read))))).toEqual(
    new Set([2]),
  )
})

test('a wake-up before the wait is not lost', async () => {
  const streams = createStreams()
  const stream = streams.join()
  const first = stream.next(event, 1n)
  streams.wake(event)
  await first
  streams.wake(event)
  expect(await isSettled(stream.next(event, 1n))).toBe(true)
  expect(await isSettled(stream.next(event, 1n))).toBe(false)
})

test('a wake-up while the first page is read is not lost', async () => {
  const streams = createStreams()
  const stream = streams.join()
  streams.wake(event)
  expect(await isSettled(stream.next(event, 1n))).toBe(true)
})

test('a look at the clocks wakes those who were not woken for what it finds, once', async () => {
  const streams = createStreams()
  const [behind, there] = [streams.join(), streams.join()]
  const [waits, knows] = [behind.next(event, 1n), there.next(event, 2n)]
  streams.wakeBehind(new Map([[event, 2n]]))
  expect([await isSettled(waits), await isSettled(knows)]).toEqual([true, false])
  const again = behind.next(event, 1n)
  streams.wakeBehind(new Map([[event, 2n]]))
  expect(await isSettled(again)).toBe(false)
})

test('an end wakes, and is kept', async () => {
  const streams = createStreams()
  const stream = streams.join()
  const waits = stream.next(event, 1n)
  streams.stop()
  await waits
  stream.finish('left')
  expect([stream.end, streams.open, streams.join().end]).toEqual(['stopping', 0, 'stopping'])
})
