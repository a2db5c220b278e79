import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { type Engine, openEngine } from '../engine/engine.ts'
import { withChanges } from './schema-text.ts'

/** What Prisma says of schema.prisma and a database. */
export interface FittedSchema {
  /** The text that fits the database; null if schema.prisma fits as it is, or nothing that does could be written. */
  readonly text: string | null
  /** What schema.prisma would lack nevertheless, in Prisma's words; null if it lacks nothing. */
  readonly lacking: string | null
}

/**
 * Brings schema.prisma to what a database has.
 *
 * @param folder `prisma/migrations`
 * @param urls of a database that schema.prisma fits, and of the one that it is to fit
 */
export async function fitSchema(
  folder: string,
  { madeUrl, foundUrl }: { madeUrl: string; foundUrl: string },
): Promise<FittedSchema> {
  const schema = await readFile(path.join(folder, '../schema.prisma'), 'utf8').catch(() => null)
  if (schema === null) return { text: null, lacking: null }
  const lacking = await withEngine(foundUrl, schema, (engine) => difference(engine, schema))
  if (lacking === null) return { text: null, lacking }
  const before = await withEngine(madeUrl, schema, (engine) => introspected(engine, schema))
  const after = await withEngine(foundUrl, schema, (engine) => introspected(engine, schema))
  const text = withChanges(schema, before, after)
  const rest = await withEngine(foundUrl, text, (engine) => difference(engine, text)).catch(() => lacking)
  return rest === null ? { text, lacking: null } : { text: null, lacking }
}

async function withEngine<Result>(
  url: string,
  schema: string,
  work: (engine: Engine) => Promise<Result>,
): Promise<Result> {
  const engine = await openEngine({ url, datamodels: [['schema.prisma', schema]] })
  try {
    return await work(engine)
  } finally {
    await engine.close()
  }
}

async function introspected(engine: Engine, content: string): Promise<string> {
  const { schema } = await engine.run((prisma) =>
    prisma.introspect({
      schema: { files: [{ path: 'schema.prisma', content }] },
      baseDirectoryPath: '/',
      force: false,
      compositeTypeDepth: -1,
      namespaces: null,
    }),
  )
  return schema.files.map((file) => file.content).join('\n')
}

/** @returns null if there is none */
async function difference(engine: Engine, content: string): Promise<string | null> {
  const files = [{ path: 'schema.prisma', content }]
  const { exitCode, stdout } = await engine.run((prisma) =>
    prisma.diff({
      from: { tag: 'schemaDatasource', files, configDir: '' },
      to: { tag: 'schemaDatamodel', files },
      script: false,
      exitCode: true,
      filters: { externalTables: [], externalEnums: [] },
    }),
  )
  return exitCode === 0 ? null : (stdout ?? '').trim()
}
