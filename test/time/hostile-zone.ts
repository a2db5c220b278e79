import { afterAll, beforeAll } from 'vitest'

/**
 * Runs the tests of a file in a zone with clock changes, half an hour off. Files share a process, which src/time puts
 * into UTC; call this if what is tested doesn't need that.
 */
export function stayInHostileZone(): void {
  const before = process.env['TZ']
  beforeAll(() => {
    process.env['TZ'] = 'America/St_Johns'
  })
  afterAll(() => {
    process.env['TZ'] = before
  })
}
