import { describe, expect, test } from 'vitest'
import { isTimeZone, timeZoneNamed } from '../../src/time/time-zone.ts'
import { createWorld } from '../world.ts'
import { stayInHostileZone } from './hostile-zone.ts'
import { zones } from './zones.ts'

stayInHostileZone()

describe('a time zone', () => {
  test('is every one that the platform lists', () => {
    expect(zones.filter((zone) => !isTimeZone(zone))).toEqual([])
  })

  test.each([
    ...['UTC', 'Etc/UTC', 'GMT', 'Etc/GMT+5', 'EST', 'CET', 'PRC', 'EST5EDT', 'NZ-CHAT', 'W-SU', 'GB-Eire'],
    ...[
      'Asia/Calcutta',
      'Asia/Kolkata',
      'Europe/Kiev',
      'Europe/Kyiv',
      'US/Eastern',
      'America/Port-au-Prince',
    ],
    ...['America/Argentina/ComodRivadavia', 'America/North_Dakota/New_Salem'],
  ])('is %s, an IANA name or an alias', (name) => {
    expect(isTimeZone(name)).toBe(true)
  })

  test.each([
    ['', 'nothing'],
    [' ', 'a blank'],
    ['US / Eastern', 'a name with blanks'],
    ['Europe/Berlin ', 'a name with a blank after it'],
    ['Europe/Berlin\n', 'a name with a line break after it'],
    ['+05:30', 'an offset'],
    ['-0530', 'an offset'],
    ['Z', 'a letter'],
    ['GMT+5', 'an offset'],
    ['Etc/GMT-15', 'an offset that no place has'],
    ['Mars/Olympus_Mons', 'a place without a clock'],
    ['Europe', 'half a name'],
    ['Europe/', 'half a name'],
    ['posix/Europe/Berlin', 'a file of a time zone database'],
    ['../etc/passwd', 'another file'],
    ['Europe/Berlin[u-ca=hebrew]', 'more than a name'],
    ['Etc/Unknown', 'no place'],
    ['Factory', 'no place'],
    ['IST', 'India, Ireland or Israel: an abbreviation that only ICU takes for a zone'],
    ['BST', 'Britain in summer or Bangladesh: an abbreviation that only ICU takes for a zone'],
    ['pst', 'an abbreviation that only ICU takes for a zone'],
    ['SystemV/PST8', 'a rule that only ICU takes for a zone'],
  ])('is not %j: %s', (name) => {
    expect(isTimeZone(name)).toBe(false)
  })

  test.each([
    ['europe/berlin', 'Europe/Berlin'],
    ['EUROPE/BERLIN', 'Europe/Berlin'],
    ['asia/kolkata', 'Asia/Kolkata'],
    ['us/eastern', 'US/Eastern'],
    ['utc', 'UTC'],
    ['etc/gmt+5', 'Etc/GMT+5'],
    ['america/port-au-prince', 'America/Port-au-Prince'],
  ])('that is written %s is named %s', (written, name) => {
    expect(timeZoneNamed(written)).toBe(name)
  })

  test('is named as the time zone database names it, in whatever case it is written', async () => {
    const { sql } = await createWorld()
    const rows = await sql<{ name: string }>('SELECT name FROM pg_timezone_names')
    const names = rows.map(({ name }) => name).filter(isTimeZone)
    expect(names.length).toBeGreaterThan(400)
    const cases = (name: string) => [name, name.toLowerCase(), name.toUpperCase()]
    expect(names.filter((name) => cases(name).some((written) => timeZoneNamed(written) !== name))).toEqual([])
  })
})
