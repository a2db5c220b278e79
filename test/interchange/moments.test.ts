import { expect, test } from 'vitest'
import { dayAfter, instantOf, momentOf } from '../../src/interchange/read/moments.ts'

test.for([
  ['2019-12-27T11:00:00+01:00', '2019-12-27T10:00:00.000Z'],
  ['2019-12-27T11:00+01:00', '2019-12-27T10:00:00.000Z'],
  ['2019-12-27 11:00:00+0100', '2019-12-27T10:00:00.000Z'],
  ['2019-12-27T11:00:00+1:00', '2019-12-27T10:00:00.000Z'],
  ['2019-12-27T11:00:00-03', '2019-12-27T14:00:00.000Z'],
  ['2019-12-27T11:00:00z', '2019-12-27T11:00:00.000Z'],
  ['2018-02-26T09:13:28.187481+08:00', '2018-02-26T01:13:28.187Z'],
] as const)('%s is the instant %s', ([text, instant]) => {
  expect(momentOf(text)).toMatchObject({ kind: 'instant', instant: new Date(instant) })
})

test('without an offset it stays a wall-clock time, without a time a day', () => {
  expect(momentOf('2016-12-05T13:00')).toEqual({ kind: 'wallClock', wallClock: '2016-12-05T13:00:00' })
  expect(momentOf('2016-12-05')).toEqual({ kind: 'day', day: '2016-12-05' })
  expect(momentOf('5.12.2016 13:00')).toEqual({ kind: 'wallClock', wallClock: '2016-12-05T13:00:00' })
  expect(momentOf('05.12.2016')).toEqual({ kind: 'day', day: '2016-12-05' })
})

test.for([
  'tomorrow',
  '2019-13-01',
  '2019-02-29T10:00:00Z',
  '2019-12-27T24:00',
  '12.27.2019',
  '27/12/2019',
  '',
])('says what is wrong about %j', (text) => {
  expect(momentOf(text)).toBeTypeOf('string')
})

test('a day begins at its first moment, also where the clocks skip midnight, and ends where the next begins', () => {
  const day = momentOf('2018-11-04')
  if (typeof day === 'string') throw new Error(day)
  // São Paulo went from 00:00 to 01:00 on that day.
  expect(instantOf(day, 'America/Sao_Paulo', 'start').toISOString()).toBe('2018-11-04T03:00:00.000Z')
  expect(instantOf(day, 'America/Sao_Paulo', 'end').toISOString()).toBe('2018-11-05T02:00:00.000Z')
  expect(dayAfter('2028-02-28')).toBe('2028-02-29')
})
