import { vi } from 'vitest'
import type { World } from './world.ts'

/**
 * Waits until somebody in the world's database waits for a lock; also from within a transaction of `world.sql`.
 *
 * @param least how many have to wait
 */
export async function somebodyWaits(world: World, least = 1): Promise<void> {
  await vi.waitUntil(
    async () => {
      // A transaction sees what others do as it was when it first looked.
      await world.sql('SELECT pg_stat_clear_snapshot()')
      const waiting = await world.sql(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      )
      return waiting.length >= least
    },
    { timeout: 20_000 },
  )
}
