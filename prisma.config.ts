import { parseArgs } from 'node:util'
import type { PrismaConfig } from 'prisma/config'
import { chooseSchemaEngine } from './src/schema-evolution/engine/native-engine.ts'

// Nothing that Prisma's commands do here needs the network.
process.env['CHECKPOINT_DISABLE'] ||= '1'
process.env['PRISMA_HIDE_UPDATE_MESSAGE'] ||= '1'
Object.assign(process.env, chooseSchemaEngine(process.env))

export default {
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  datasource: await datasource(),
} satisfies PrismaConfig

/** DATABASE_URL, or the embedded database for as long as the command runs. Commands that need none get none. */
async function datasource(): Promise<{ url?: string; shadowDatabaseUrl?: string }> {
  const { DATABASE_URL, SHADOW_DATABASE_URL } = process.env
  if (DATABASE_URL)
    return SHADOW_DATABASE_URL
      ? { url: DATABASE_URL, shadowDatabaseUrl: SHADOW_DATABASE_URL }
      : { url: DATABASE_URL }
  return needsDatabase(process.argv.slice(2)) ? { url: await embeddedDatabaseUrl() } : {}
}

/** `generate`, `validate`, `format`, `version` and anybody's help work on files alone. */
function needsDatabase(args: string[]): boolean {
  const { values, positionals } = parseArgs({
    args,
    strict: false,
    allowPositionals: true,
    options: {
      config: { type: 'string' },
      schema: { type: 'string' },
      url: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  })
  const [command = '', step] = positionals
  const works = command === 'studio' || (['migrate', 'db'].includes(command) && step !== undefined)
  return works && values.help !== true && values.url === undefined
}

async function embeddedDatabaseUrl(): Promise<string> {
  const { dataFolder } = await import('./src/config.ts')
  const { openEmbeddedDatabase } = await import('./src/database/embedded/embedded.ts')
  const database = await openEmbeddedDatabase(dataFolder(process.env))
  database.releaseOnExit()
  return database.url
}
