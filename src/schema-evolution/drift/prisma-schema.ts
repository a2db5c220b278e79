import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { openEngine } from '../engine/engine.ts'
import { schemaDifference } from '../engine/schema-difference.ts'
import { withNewNames } from './new-names.ts'
import type { Renamed } from './renames.ts'
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
 * @param renamed what has another name in the second
 */
export async function fitSchema(
  folder: string,
  { madeUrl, foundUrl }: { madeUrl: string; foundUrl: string },
  renamed: readonly Renamed[],
): Promise<FittedSchema> {
  const schema = await readFile(path.join(folder, '../schema.prisma'), 'utf8').catch(() => null)
  if (schema === null) return { text: null, lacking: null }
  const lacking = await schemaDifference(foundUrl, schema)
  if (lacking === null) return { text: null, lacking }
  const named = withNewNames(schema, renamed)
  const before = withNewNames(await introspected(madeUrl, schema), renamed)
  const after = await introspected(foundUrl, named)
  const text = withChanges(named, before, after)
  const rest = await schemaDifference(foundUrl, text).catch(() => lacking)
  return rest === null ? { text, lacking: null } : { text: null, lacking }
}

/** The database as Prisma reads it, by the names that the schema has for it. */
async function introspected(url: string, content: string): Promise<string> {
  const engine = await openEngine({ url, datamodels: [['schema.prisma', content]] })
  try {
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
  } finally {
    await engine.close()
  }
}
