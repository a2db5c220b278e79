import type { MigrationList } from '@prisma/schema-engine-wasm/schema_engine_bg'
import type { Catalog } from '../files/catalog.ts'
import { readCatalog } from '../database/read-catalog.ts'
import { openEngine } from '../engine/engine.ts'
import { SchemaEngineError } from '../database/fault.ts'
import { openSession } from '../database/session.ts'
import { openShadowSession } from '../database/shadow-database.ts'

/** What migrations make from zero. */
export interface Replayed {
  readonly catalog: Catalog
  /** How schema.prisma differs from that, in Prisma's words; null where it doesn't. */
  readonly difference: string | null
}

/** Why they couldn't be replayed: there was no database for it, or one of them fails. */
export interface NotReplayed {
  readonly reason: 'no shadow database' | 'fails'
  readonly message: string
}

export type Replay = (names: ReadonlySet<string>) => Promise<Replayed | NotReplayed>

const filters = { externalTables: [], externalEnums: [] }

/**
 * Replays migrations in a shadow database, which is made for it and dropped, or emptied where SHADOW_DATABASE_URL names
 * one. The database itself isn't touched.
 *
 * @param schema the text of schema.prisma; null: it isn't compared
 * @returns a function that replays those of the given names, each set once
 */
export function replayer(
  url: string,
  shadowUrl: string | undefined,
  list: MigrationList,
  schema: string | null,
): Replay {
  const done = new Map<string, ReturnType<Replay>>()
  return (names) => {
    const migrations = list.migrationDirectories.filter(({ path }) => names.has(path))
    const key = migrations.map(({ path }) => path).join()
    const replayed =
      done.get(key) ?? replay(url, shadowUrl, { ...list, migrationDirectories: migrations }, schema)
    done.set(key, replayed)
    return replayed
  }
}

async function replay(
  url: string,
  shadowUrl: string | undefined,
  migrationsList: MigrationList,
  schema: string | null,
): Promise<Replayed | NotReplayed> {
  const main = await openSession(url)
  try {
    const shadow = await openShadowSession(main, shadowUrl)
    const engine = await openEngine({ url: shadow.url })
    try {
      await engine.applyMigrations({ migrationsList, filters })
      const difference =
        schema === null ? null : await engine.run((prisma) => prisma.diff(differenceFrom(schema)))
      return {
        catalog: await readCatalog(shadow),
        difference: difference?.exitCode ? (difference.stdout?.trim() ?? '') : null,
      }
    } finally {
      await engine.close()
      await shadow.close()
    }
  } catch (error) {
    if (!(error instanceof SchemaEngineError)) throw error
    const reason = error.code === 'P3014' ? 'no shadow database' : 'fails'
    return { reason, message: error.message.trim() }
  } finally {
    await main.close()
  }
}

/** From what is in the engine's own database, whatever the datasource of the text says. */
function differenceFrom(schema: string) {
  const files = [{ path: 'schema.prisma', content: schema }]
  return {
    from: { tag: 'schemaDatasource' as const, files, configDir: '' },
    to: { tag: 'schemaDatamodel' as const, files },
    script: false,
    exitCode: true,
    filters,
  }
}
