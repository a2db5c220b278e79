import { openEngine } from './engine.ts'

/**
 * How a database differs from a Prisma schema, whatever datasource the text names.
 *
 * @param schema the text of schema.prisma
 * @returns in the words of `prisma migrate diff`; null if it doesn't
 * @throws SchemaEngineError if the database can't be reached, or the text isn't a schema
 */
export async function schemaDifference(url: string, schema: string): Promise<string | null> {
  const files = [{ path: 'schema.prisma', content: schema }]
  const engine = await openEngine({ url, datamodels: [['schema.prisma', schema]] })
  try {
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
  } finally {
    await engine.close()
  }
}
