import pg from 'pg'
import { expect, inject } from 'vitest'

/** Holds that no shadow database stays. Tests beside this one have some of their own, which go when those are done. */
export async function expectNoShadowsLeft(): Promise<void> {
  const client = new pg.Client({ connectionString: inject('superuser') })
  await client.connect()
  try {
    const shadows = `SELECT datname FROM pg_database WHERE datname LIKE 'prisma_migrate_shadow%'`
    const { rows } = await client.query<{ datname: string }>(shadows)
    const seen = rows.map(({ datname }) => datname)
    const left = async () =>
      (await client.query(`${shadows} AND datname = ANY ($1)`, [seen])).rows as unknown[]
    await expect.poll(left, { timeout: 300_000, interval: 500 }).toEqual([])
  } finally {
    await client.end()
  }
}
