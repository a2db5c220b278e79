import type {
  DevDiagnosticInput,
  DiffResult,
  SchemaEngine,
} from '@prisma/schema-engine-wasm/schema_engine_bg'
import { requireUrl } from './command-line.ts'
import { createDatabase, databaseOf } from './database-commands.ts'
import { type Engine, type EngineOptions, openEngine } from './engine.ts'
import { SchemaEngineError } from '../database/fault.ts'
import { requestPrint } from './json-rpc.ts'

/** What the CLI may ask for and is passed on as it is. */
const passedOn = [
  'dbExecute',
  'diagnoseMigrationHistory',
  'ensureConnectionValidity',
  'introspect',
  'introspectSql',
  'markMigrationApplied',
  'markMigrationRolledBack',
  'reset',
  'schemaPush',
] as const satisfies readonly (keyof SchemaEngine)[]

export interface EngineMethods {
  answer(method: string, params: unknown): Promise<unknown>
  close(): Promise<void>
}

/** The engine behind JSON-RPC. The database is opened by the first request that needs it. */
export function engineMethods(
  options: Omit<EngineOptions, 'url'> & { url: string | undefined },
): EngineMethods {
  let opened: Promise<Engine> | undefined
  let knowsHistory = true
  const engine = () =>
    (opened ??= openEngine({ ...options, url: requireUrl(options.url), tell: requestPrint }))
  const learnHistory = async (params: DevDiagnosticInput) => {
    const { migrationsList, filters } = params
    const learned = await (await engine()).run((schema) => schema.devDiagnostic({ migrationsList, filters }))
    knowsHistory = true
    return learned
  }
  return {
    async answer(method, params) {
      // Parameters come from the CLI of the same version and are the engine's to judge.
      const given = params as never
      switch (method) {
        case 'createDatabase':
          return createdDatabase(requireUrl(options.url))
        case 'getDatabaseVersion':
          return (await engine()).run((schema) => schema.version())
        case 'devDiagnostic':
          return learnHistory(given)
        case 'applyMigrations': {
          const result = await (await engine()).applyMigrations(given)
          knowsHistory &&= result.appliedMigrationNames.length === 0
          return result
        }
        // Both rest on the history that the last diagnosis replayed, and can't replay what was applied since.
        case 'evaluateDataLoss':
        case 'createMigration':
          if (!knowsHistory) await learnHistory(given)
          return (await engine()).run<unknown>((schema) => schema[method](given))
        case 'diff': {
          const result = await (await engine()).run((schema) => schema.diff(given))
          printDiff(result)
          return result
        }
        default:
          if (!isPassedOn(method))
            throw new SchemaEngineError(null, `The schema engine has no method "${method}".`)
          return (await engine()).run<unknown>((schema) => schema[method](given))
      }
    },
    async close() {
      // Where opening failed, there is nothing to close, and the request has told why.
      const engineOrNone = await opened?.catch(() => undefined)
      await engineOrNone?.close()
    },
  }
}

async function createdDatabase(url: string): Promise<{ databaseName: string }> {
  await createDatabase(url)
  return { databaseName: databaseOf(url) }
}

function isPassedOn(method: string): method is (typeof passedOn)[number] {
  return (passedOn as readonly string[]).includes(method)
}

/** The CLI waits for a `print` where the native engine would send one; the line's end is the CLI's. */
function printDiff({ stdout }: DiffResult): void {
  if (stdout != null) requestPrint(stdout.replace(/\n$/, ''))
}
