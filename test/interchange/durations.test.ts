import { expect, test } from 'vitest'
import { durationReading } from '../../src/interchange/read/durations.ts'

const day = 24 * 60

const read = (texts: readonly string[], longest: number) => {
  const { minutesOf, notes } = durationReading(texts, longest)
  return [texts.map(minutesOf), notes.length] as const
}

test.for([
  ['hours and minutes', ['00:45', '1:30', '12:59', '00:00'], 2 * day, [45, 90, 779, 0]],
  ['hours, minutes and seconds', ['0:20:00', '0:45:00', '1:30:00'], 2 * day, [20, 45, 90]],
  ['minutes over an hour', ['00:90'], 2 * day, [90]],
  ['minutes', ['45', '30', '90'], 2 * day, [45, 30, 90]],
  ['minutes in words', ['45 min', '1h 30m', '2 hours', '1h30', '1,5 h'], 2 * day, [45, 90, 120, 90, 90]],
  ['those of ISO 8601', ['PT45M', 'PT1H30M', 'P1DT2H', 'PT20M30S'], 2 * day, [45, 90, 1560, 20.5]],
  ['fractions of seconds that are none', ['00:45:00.000', '01:30:00.0'], 2 * day, [45, 90]],
  ['days as Python writes them', ['1 day, 2:30:00', '0:45:00', '2 days, 0:00:00'], 3 * day, [1590, 45, 2880]],
  ['full-width digits', ['００：４５', '01：30'], 2 * day, [45, 90]],
  ['what an exhibition takes', ['30:00', '00:45', '01:00'], 2 * day, [1800, 45, 60]],
] as const)('%s are read without a doubt', ([, texts, longest, minutes]) => {
  expect(read(texts, longest)).toEqual([minutes, 0])
})

test.for([
  ['minutes and seconds, when hours would be longer than the event', ['30:00', '45:00'], day, [30, 45]],
  ['days, when the file has hours and minutes without them', ['1:12:00', '00:30'], 3 * day, [2160, 30]],
  ['hours, when days would be longer than the event', ['1:12:00', '00:30'], day, [72, 30]],
  ['seconds, when minutes would be longer than the event', ['2700', '3600'], day, [45, 60]],
  ['hours beside days, as pretalx writes both', ['10:00', '1:06:00'], 2 * day, [600, 1800], 2],
  ['minutes and seconds, where days can not be', ['45:00', '1:30:00', '10:00'], 2 * day, [45, 90, 10], 2],
  ['hours and minutes, which may be minutes and seconds', ['30:00'], 2 * day, [1800]],
  ['minutes, which may be hours', ['0:20:00'], 2 * day, [20]],
  ['hours and minutes, which may be minutes with half ones', ['30:30'], 2 * day, [1830]],
  ['minutes and seconds, when all would be longer than half a day', ['30:30', '48:00'], 2 * day, [30.5, 48]],
  ['half a day and more beside less, which may be minutes', ['24:00', '08:00'], 2 * day, [1440, 480]],
  ['seconds, when all would be longer than half a day', ['1440', '2880'], 7 * day, [24, 48]],
  ['hours with quarters', ['1.5', '0.75', '1', '2.0'], 2 * day, [90, 45, 60, 120]],
  ['hours with quarters after a comma', ['1,5', '0,25'], 2 * day, [90, 15]],
  ['hours, minutes and seconds, which may be days', ['12:06:30'], 2 * day, [726.5]],
] as const)('%s, are read so, and it is told', ([, texts, longest, minutes, notes = 1]) => {
  expect(read(texts, longest)).toEqual([minutes, notes])
})

test('what is told says how many, how they are read, and what else they could be', () => {
  expect(durationReading(['0:20:00', '0:10:00'], 2 * day).notes).toEqual([
    '2 durations such as 0:20:00 are read as hours, minutes and seconds. ' +
      'It could also be days, hours and minutes: look whether the ends of the sessions are right.',
  ])
})

test.for([['30:30'], ['30:30', '48:00'], ['24:00', '08:00'], ['48:00']])(
  'what else %j could be is told, in a programme of two days',
  (texts) => {
    expect(durationReading(texts, 2 * day).notes).toEqual([expect.stringContaining('It could also be')])
  },
)

test.for([[['1.30', '0.45']], [['1.5', '1.20']], [['10', '20', '1.5']], [['30.5', '40']]])(
  'what may be hours or minutes in %j is not guessed',
  ([texts]) => {
    const { minutesOf } = durationReading(texts!, 2 * day)
    const fractions = texts!.filter((text) => text.includes('.'))
    for (const text of fractions) expect(minutesOf(text)).toMatch(/isn't a duration such as/)
  },
)

test.for(['', 'long', '1:75', '-1:00', '1,33', '135.0:00', '1:2:3:4', 'P', 'PT', 'h', '1h 30 20'])(
  'says what is wrong about the duration %j',
  (text) => {
    expect(durationReading([text], day).minutesOf(text)).toMatch(/isn't a duration such as/)
  },
)
