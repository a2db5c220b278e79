import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The executable that stands in for Prisma's native schema engine; undefined where `@prisma/engines` could download
 * that one, which is then left alone.
 */
export function standInForSchemaEngine(folder: string = enginesFolder()): string | undefined {
  const hasNativeEngine = readdirSync(folder).some((file) => nativeEngine.test(file))
  return hasNativeEngine ? undefined : fileURLToPath(new URL('schema-engine.mjs', import.meta.url))
}

/** `schema-engine-PLATFORM` as the download names it, not the archive and the checksum that it takes it from. */
const nativeEngine = /^schema-engine-(?!.*\.(gz|sha256|tmp)$)/

function enginesFolder(): string {
  const fromPrisma = createRequire(createRequire(import.meta.url).resolve('prisma/package.json'))
  return dirname(fromPrisma.resolve('@prisma/engines/package.json'))
}
