import type {
  ApplyMigrationsInput,
  ApplyMigrationsOutput,
  SchemaEngine,
} from '@prisma/schema-engine-wasm/schema_engine_bg'
import { adapterFactory, type AdapterFactory } from './adapter-factory.ts'
import { failedMigration } from './failed-script.ts'
import { engineFault, type SchemaEngineError } from './fault.ts'
import { ensureSchema, openSession } from './session.ts'
import { loadSchemaEngine } from './wasm.ts'

export interface EngineOptions {
  /** postgresql://USER:PASSWORD@HOST:PORT/DATABASE[?schema=SCHEMA]; the schema is made if it isn't there. */
  readonly url: string
  /** A database that may be emptied; without it one is created and dropped, which needs CREATEDB. */
  readonly shadowDatabaseUrl?: string | undefined
  /** Path and text of the Prisma schema files. */
  readonly datamodels?: readonly [string, string][]
  /** What the engine tells of its doings, a JSON object a line. */
  readonly onLog?: (line: string) => void
  /** Called with the name of a migration before it is applied. */
  readonly onMigration?: ((migration: string) => void) | undefined
}

export interface Engine {
  /** Runs one command of the engine. @throws SchemaEngineError */
  run<Result>(command: (engine: SchemaEngine) => Promise<Result>): Promise<Result>
  /** @throws SchemaEngineError P3018 where one fails; those before it stay applied */
  applyMigrations(input: ApplyMigrationsInput): Promise<ApplyMigrationsOutput>
  /** Drops the shadow databases and ends the sessions, also in the middle of a command. */
  close(): Promise<void>
}

/** @throws SchemaEngineError where the database can't be opened */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const session = await openSession(options.url)
  const factory = adapterFactory(session, options.shadowDatabaseUrl)
  const close = async () => {
    await factory.closeShadows()
    await session.close()
  }
  const faultOf = (error: unknown) => session.lost() ?? engineFault(factory.originOf(error))
  try {
    await ensureSchema(session)
    const engine = await createEngine(options, factory)
    return {
      run: (command) =>
        command(engine).catch((error: unknown) => {
          throw faultOf(error)
        }),
      applyMigrations: (input) =>
        engine.applyMigrations(input).catch((error: unknown) => {
          throw session.lost() ?? failureOf(input, factory) ?? faultOf(error)
        }),
      close,
    }
  } catch (error) {
    await close()
    throw faultOf(error)
  }
}

function createEngine(options: EngineOptions, factory: AdapterFactory): Promise<SchemaEngine> {
  const { datamodels = [], onLog, onMigration } = options
  const log = (line: string) => {
    onLog?.(line)
    const migration = migrationBegunIn(line)
    if (migration !== undefined) onMigration?.(migration)
  }
  // The engine panics on an empty list.
  const given = datamodels.length > 0 ? [...datamodels] : undefined
  return loadSchemaEngine().new({ datamodels: given }, log, factory.bound)
}

/** Null where it wasn't a migration's own script that failed. */
function failureOf(
  { migrationsList }: ApplyMigrationsInput,
  factory: AdapterFactory,
): SchemaEngineError | null {
  const failed = factory.main.failedScript()
  const migration = migrationsList.migrationDirectories.find(
    ({ migrationFile: { content } }) => content.tag === 'ok' && content.value === failed?.script,
  )
  return failed && migration ? failedMigration(migration.path, failed) : null
}

/** The engine logs the script, in a span of its own, before it runs it. */
function migrationBegunIn(line: string): string | undefined {
  const { fields, span } = JSON.parse(line) as {
    fields?: { script?: string }
    span?: { name?: string; migration_name?: string }
  }
  return span?.name === 'Applying migration' && fields?.script !== undefined ? span.migration_name : undefined
}
