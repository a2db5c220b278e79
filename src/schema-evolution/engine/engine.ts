import type {
  ApplyMigrationsInput,
  ApplyMigrationsOutput,
  SchemaEngine,
} from '@prisma/schema-engine-wasm/schema_engine_bg'
import { adapterFactory, type AdapterFactory } from './adapter-factory.ts'
import { deployOn } from '../deploy/deploy.ts'
import { engineFault } from '../database/fault.ts'
import { ensureSchema, openSession } from '../database/session.ts'
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
  /** What people are told while migrations are applied, a line at a time. */
  readonly tell?: ((line: string) => void) | undefined
}

export interface Engine {
  /** Runs one command of the engine. @throws SchemaEngineError */
  run<Result>(command: (engine: SchemaEngine) => Promise<Result>): Promise<Result>
  /** Not the engine's own way of it, but ours, on the engine's session. @throws SchemaEngineError as `deploy` does */
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
      applyMigrations: async ({ migrationsList }) => ({
        appliedMigrationNames: await deployOn(session, migrationsList, { tell: options.tell }),
      }),
      close,
    }
  } catch (error) {
    await close()
    throw faultOf(error)
  }
}

function createEngine(options: EngineOptions, factory: AdapterFactory): Promise<SchemaEngine> {
  const { datamodels = [], onLog = () => {} } = options
  // The engine panics on an empty list.
  const given = datamodels.length > 0 ? [...datamodels] : undefined
  return loadSchemaEngine().new({ datamodels: given }, onLog, factory.bound)
}
