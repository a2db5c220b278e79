import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { SchemaEngineError } from '../database/fault.ts'

/** How Prisma's CLI starts a schema engine. */
export interface CommandLine {
  readonly url: string | undefined
  readonly shadowDatabaseUrl: string | undefined
  readonly datamodels: readonly [string, string][]
  /** One thing to do with the database instead of JSON-RPC; any text, judged where it is run. */
  readonly databaseCommand: string | undefined
  readonly asksVersion: boolean
}

/** `[--datamodels FILE]... [--datasource JSON] [cli COMMAND]`; options that the engine takes from elsewhere pass. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values, positionals } = parseArgs({
    args: [...args],
    strict: false,
    allowPositionals: true,
    options: {
      datamodels: { type: 'string', multiple: true },
      datasource: { type: 'string' },
      'enabled-preview-features': { type: 'string' },
      'extension-types': { type: 'string' },
      version: { type: 'boolean' },
    },
  })
  const datasource = parseDatasource(values.datasource)
  return {
    url: datasource.url,
    shadowDatabaseUrl: datasource.shadowDatabaseUrl,
    datamodels: (values.datamodels ?? []).map((path) => [String(path), readFileSync(String(path), 'utf8')]),
    databaseCommand: positionals[0] === 'cli' ? (positionals[1] ?? '') : undefined,
    asksVersion: values.version === true,
  }
}

/** Thrown as the answer to a request, not at the start: the CLI can miss an engine that ends before it is asked. */
export function requireUrl(url: string | undefined): string {
  if (url !== undefined) return url
  throw new SchemaEngineError(null, 'No database to work on: give the datasource in prisma.config.ts a URL.')
}

function parseDatasource(json: unknown): { url?: string; shadowDatabaseUrl?: string } {
  // The CLI writes this itself, from the datasource of prisma.config.ts, which it has checked.
  return typeof json === 'string' ? (JSON.parse(json) as { url?: string; shadowDatabaseUrl?: string }) : {}
}
