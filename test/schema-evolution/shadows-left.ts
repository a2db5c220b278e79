import pg from 'pg'
import { expect, inject } from 'vitest'

/**
 * Call it before what makes shadow databases, and its result after that: it holds that none stays. Tests beside this one
 * have some of their own, which go when those are done; what one of them left before isn't looked at.
 */
export async function watchShadows(): Promise<() => Promise<void>> {
  const before = await shadows()
  return async () => {
    const seen = (await shadows()).filter((name) => !before.includes(name))
    const left = async () => (await shadows()).filter((name) => seen.includes(name))
    await expect.poll(left, { timeout: 300_000, interval: 500 }).toEqual([])
  }
}

async function shadows(): Promise<string[]> {
  const client = new pg.Client({ connectionString: inject('superuser') })
  await client.connect()
  try {
    const { rows } = await client.query<{ datname: string }>(
      `SELECT datname FROM pg_database WHERE datname LIKE 'prisma_migrate_shadow%'`,
    )
    return rows.map(({ datname }) => datname)
  } finally {
    await client.end()
  }
}
