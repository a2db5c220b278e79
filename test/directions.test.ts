import { expect, test } from 'vitest'
import { faultOfDirections, pairDirections } from '../src/directions.ts'

const marks = ['\u202A', '\u202B', '\u202C', '\u2066', '\u2067', '\u2068', '\u2069', '\n', 'a', '\u05D0']

/** All texts of up to four of these. */
const texts = [1, 2, 3, 4].reduce<string[][]>(
  (byLength) => [...byLength, byLength.at(-1)!.flatMap((text) => marks.map((mark) => text + mark))],
  [['']],
)

test('whatever the marks are, they are in pairs afterwards, and every letter stays where it was', () => {
  const lettersOf = (text: string) => text.replace(/[\u202A-\u202C\u2066-\u2069]/g, '')
  const wrong = texts.flat().filter((text) => {
    const paired = pairDirections(text, () => {})
    return faultOfDirections(paired) !== null || lettersOf(paired) !== lettersOf(text)
  })
  expect(wrong).toEqual([])
})

test('what is in pairs already stays as it is, and nothing is told', () => {
  const told: string[] = []
  const paired = texts.flat().filter((text) => faultOfDirections(text) === null)
  expect(paired.map((text) => pairDirections(text, (what) => told.push(what)))).toEqual(paired)
  expect(told).toEqual([])
})
