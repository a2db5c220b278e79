import { access, constants, mkdtemp, rm, statfs } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import type { TestProject } from 'vitest/node'
import { migrationsFolder } from '../src/config.ts'
import { openEmbeddedDatabase } from '../src/database/embedded/embedded.ts'
import { deploy } from '../src/schema-evolution/deploy/deploy.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The database that every test clones: migrated, empty, never connected to. */
    template: string
    superuser: string
  }
}

/**
 * One embedded PostgreSQL for all tests, in a zone that isn't UTC and without the waits that make it durable; each
 * test clones the migrated template for itself.
 */
export default async function startCluster(project: TestProject): Promise<() => Promise<void>> {
  const folder = await mkdtemp(path.join(await roomForClusters(), 'open-event-test-'))
  const settings = {
    timezone: 'Asia/Kolkata',
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    max_wal_size: '256MB',
    max_connections: '300',
    // A password that is dear to try is dear to connect by, and each test connects several times.
    scram_iterations: '1',
  }
  const cluster = await openEmbeddedDatabase(folder, { settings })
  await deploy({ url: cluster.url, migrations: migrationsFolder })
  project.provide('template', cluster.url)
  project.provide('superuser', cluster.superuserUrl)
  return async () => {
    await cluster.release()
    await rm(folder, { recursive: true, force: true })
  }
}

/** In memory if there is room: a database has some hundred files, and every test copies one. */
async function roomForClusters(): Promise<string> {
  const memory = '/dev/shm'
  try {
    await access(memory, constants.W_OK)
    const { bavail, bsize } = await statfs(memory)
    return bavail * bsize > 4 * 1024 ** 3 ? memory : os.tmpdir()
  } catch {
    return os.tmpdir()
  }
}
