import { expect, inject, test } from 'vitest'
import { cloneDatabase } from '../clones.ts'
import { changeLog } from './change-log.ts'
import { replay } from './replay.ts'

test('eight writers, two ends of the server, two transactions left open: every chain ends with what its viewer sees', async () => {
  const { faults, kills, made } = await replay({
    databaseUrl: await cloneDatabase(),
    otherDatabaseUrl: inject('superuser'),
    sessions: 80,
    log: changeLog(7, { sessions: 80, changes: 250 }),
    kills: 2,
    paced: 0,
  })
  expect({ faults, kills }).toEqual({ faults: [], kills: 2 })
  expect(made).toBeGreaterThan(150)
})
