import { expect, test } from 'vitest'
import { type NoShare, Shares } from '../../src/database/shares.ts'
import { newWork, stopWork, WorkStopped } from '../../src/database/work.ts'

const options = { size: 4, perPayer: 2, waitingPerPayer: 3, patience: 60_000 }

test('a payer holds no more than their part, and the others have the rest', async () => {
  const { shares, ask, entered } = scene()
  for (const payer of ['a', 'a', 'a', 'b']) ask(payer)
  await settled()
  expect(entered()).toEqual(['a', 'a', 'b'])
  expect(shares.waiting).toBe(1)
})

test('those who wait are let in one payer after the other, not in the order in which they came', async () => {
  const { ask, entered, release } = scene({ ...options, size: 1 })
  for (const payer of ['a', 'a', 'a', 'a', 'b', 'c']) ask(payer)
  for (let done = 0; done < 6; done += 1) {
    await settled()
    release(done)
  }
  expect(entered()).toEqual(['a', 'a', 'b', 'c', 'a', 'a'])
})

test('one that asks for more than their part gets it alone', async () => {
  const { ask, entered, release } = scene()
  ask('a', 4)
  ask('b')
  await settled()
  expect(entered()).toEqual(['a'])
  release(0)
  await settled()
  expect(entered()).toEqual(['a', 'b'])
})

test('what is let go twice is free once', async () => {
  const { shares, ask, entered, release } = scene({ ...options, size: 1 })
  for (const payer of ['a', 'b', 'c']) ask(payer)
  await settled()
  release(0)
  release(0)
  await settled()
  expect(entered()).toEqual(['a', 'b'])
  expect(shares.waiting).toBe(1)
})

test('too many of one payer are refused, and so is who waits for too long', async () => {
  const shares = new Shares({ ...options, size: 1, patience: 10 })
  await shares.take(newWork('a'))
  const answers = await Promise.allSettled(Array.from({ length: 4 }, () => shares.take(newWork('a'))))
  const whys = answers.map((answer) => (answer.status === 'rejected' ? (answer.reason as NoShare).why : 'in'))
  expect(whys.toSorted()).toEqual(['too long', 'too long', 'too long', 'too many'])
  expect(shares.waiting).toBe(0)
})

test('work that is stopped waits no more, and leaves its place to the next', async () => {
  const shares = new Shares({ ...options, size: 1 })
  const release = await shares.take(newWork('a'))
  const [stopped, next] = [newWork('b'), newWork('b')]
  const both = [shares.take(stopped), shares.take(next)] as const
  stopWork(stopped, new WorkStopped('The client left.'))
  await expect(both[0]).rejects.toThrow(WorkStopped)
  release()
  await both[1]
})

function scene(limits = options) {
  const shares = new Shares(limits)
  const entered: { payer: string; release: () => void }[] = []
  return {
    shares,
    ask: (payer: string, size?: number) => {
      const enter = (release: () => void) => void entered.push({ payer, release })
      // Those who still wait when the test is over are refused in a minute, in the midst of another one.
      shares.take(newWork(payer), size).then(enter, () => {})
    },
    entered: () => entered.map(({ payer }) => payer),
    release: (index: number) => entered[index]!.release(),
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))
