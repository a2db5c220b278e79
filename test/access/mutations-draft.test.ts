import { describe, expect, test } from 'vitest'
import { wrongOutcomes } from './mutations.ts'

describe('at an event that is DRAFT', () => {
  test('every mutation lets those and only those whom the table lets, and betrays nothing', async () => {
    expect(await wrongOutcomes('DRAFT')).toEqual([])
  }, 900_000)
})
