import pg from 'pg'
import type { Finding } from '../files/finding.ts'
import type { Examination } from './examination.ts'

interface Rights {
  readonly role: string
  readonly hasSchema: boolean
  readonly mayUse: boolean
  readonly mayCreate: boolean
  /** Tables and views in the schema that belong to a role which this one isn't a member of. */
  readonly foreign: readonly string[]
}

/** Whether a deploy with this role could do what migrations do: make things in the schema, and alter those that are there. */
export async function examineRights(client: pg.ClientBase, schema: string): Promise<Examination> {
  const { rows } = await client.query<Rights>(statement, [schema])
  const rights = rows[0]!
  return {
    area: 'rights',
    isDone: true,
    looked: `what the role ${rights.role} may do in the schema ${schema}`,
    findings: rightsFindings(rights, schema),
  }
}

function rightsFindings({ role, hasSchema, mayUse, mayCreate, foreign }: Rights, schema: string): Finding[] {
  const [grantee, place] = [pg.escapeIdentifier(role), pg.escapeIdentifier(schema)]
  const lacking = [...(hasSchema && !mayUse ? ['USAGE'] : []), ...(mayCreate ? [] : ['CREATE'])]
  const found: Finding[] = []
  if (lacking.length > 0) {
    const where = hasSchema ? `SCHEMA ${place}` : 'DATABASE (the one of DATABASE_URL)'
    found.push({
      severity: 'error',
      code: 'no-right-in-schema',
      message: hasSchema
        ? `The role ${role} has no ${lacking.join(' and no ')} on the schema ${schema}.`
        : `The schema ${schema} isn't there, and the role ${role} may not make it.`,
      cause:
        'A deploy fails at its first CREATE TABLE. Since PostgreSQL 15 nobody has that right on public by default.',
      migrations: [],
      remedy: `As the owner or a superuser: GRANT ${hasSchema ? 'USAGE, CREATE' : 'CREATE'} ON ${where} TO ${grantee};`,
    })
  }
  if (foreign.length > 0) {
    const named =
      foreign.slice(0, 5).join(', ') + (foreign.length > 5 ? ` and ${foreign.length - 5} more` : '')
    const owners = foreign.map(
      (name) => `ALTER TABLE ${place}.${pg.escapeIdentifier(name)} OWNER TO ${grantee};`,
    )
    found.push({
      severity: 'error',
      code: 'not-owner',
      message: `The role ${role} owns neither ${named}, nor is it a member of the role that does.`,
      cause:
        'Only the owner may alter a table, so a migration that does will fail ("must be owner of table").',
      migrations: [],
      remedy: `As their owner or a superuser: ${owners.join(' ')}`,
    })
  }
  return found
}

const statement = `
  WITH here AS (SELECT oid FROM pg_namespace WHERE nspname = $1)
  SELECT current_user::text AS role,
         EXISTS (SELECT FROM here) AS "hasSchema",
         coalesce((SELECT has_schema_privilege(oid, 'USAGE') FROM here), false) AS "mayUse",
         coalesce((SELECT has_schema_privilege(oid, 'CREATE') FROM here),
                  has_database_privilege(current_database(), 'CREATE')) AS "mayCreate",
         ARRAY(SELECT c.relname::text FROM pg_class c JOIN here ON c.relnamespace = here.oid
               WHERE c.relkind IN ('r', 'p', 'v', 'm') AND NOT pg_has_role(c.relowner, 'USAGE')
               ORDER BY 1) AS foreign`
