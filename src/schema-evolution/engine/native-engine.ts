import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The environment in which Prisma's CLI finds our bridge, and the bridge the native engine where `@prisma/engines`
 * could download that one. An engine that the user named wins: then nothing is set.
 *
 * @param folder where the native engine would be
 */
export function chooseSchemaEngine(
  env: NodeJS.ProcessEnv,
  folder: string = enginesFolder(),
): Record<string, string> {
  if (env['PRISMA_SCHEMA_ENGINE_BINARY']) return {}
  const native = env['NATIVE_SCHEMA_ENGINE'] || downloadedEngine(folder)
  return {
    PRISMA_SCHEMA_ENGINE_BINARY: fileURLToPath(new URL('schema-engine.mjs', import.meta.url)),
    ...(native === undefined ? {} : { NATIVE_SCHEMA_ENGINE: native }),
  }
}

/** `schema-engine-PLATFORM` as the download names it, not the archive and the checksum that it takes it from. */
function downloadedEngine(folder: string): string | undefined {
  const found = readdirSync(folder).find((file) => /^schema-engine-(?!.*\.(gz|sha256|tmp)$)/.test(file))
  return found && join(folder, found)
}

function enginesFolder(): string {
  const fromPrisma = createRequire(createRequire(import.meta.url).resolve('prisma/package.json'))
  return dirname(fromPrisma.resolve('@prisma/engines/package.json'))
}
