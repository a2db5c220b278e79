import type { Catalog } from '../files/catalog.ts'
import { catalogStatement } from './catalog-statement.ts'
import { type Queryable, rowsOf } from './session.ts'

/**
 * Everything in the connection's own schema that decides what the API does, apart from Prisma's record of the migrations:
 * tables, columns, constraints, indexes, triggers, functions, types, views, policies, sequences and what is rarer. One
 * statement over pg_catalog, which gives the same on all PostgreSQL versions that we run on, whatever the schema is called.
 *
 * @throws the driver's error if the database can't be reached
 */
export async function readCatalog(asked: Queryable): Promise<Catalog> {
  const rows = (await rowsOf(asked, catalogStatement)) as [string, string, string][]
  return new Map(
    rows
      .map(([name, definition, schema]): [string, string] => [name, withoutSchema(definition, schema)])
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  )
}

/** Names are the same wherever the objects lie: the names that PostgreSQL qualifies are ours. Lines stay lines. */
function withoutSchema(definition: string, schema: string): string {
  return definition.replaceAll(`${schema}.`, '').replaceAll(/\s+/g, ' ').trim()
}
