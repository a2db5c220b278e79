import { readCatalog } from '../database/read-catalog.ts'
import { deployOn } from '../deploy/deploy.ts'
import type { Session } from '../database/session.ts'
import { onShadow } from '../database/shadow-database.ts'
import type { Finding } from '../files/finding.ts'
import { migrationsBefore, readDownScript, readMigrations } from '../files/migration-files.ts'
import { downBody, explainingFailure, requireCatalog, UndoRefused } from './down-script.ts'

/**
 * Runs each `down.sql` on a database for that alone, right after its migration: what fails, and what doesn't make exactly
 * the schema that was there before.
 *
 * @param url a database beside which another may be made
 * @throws SchemaEngineError where a migration can't be applied, or no such database can be had
 */
export async function findBrokenDowns(
  { url, migrationsFolder }: { url: string; migrationsFolder: string },
  shadowDatabaseUrl?: string,
): Promise<Finding[]> {
  const list = await readMigrations(migrationsFolder)
  return onShadow({ url, shadowDatabaseUrl }, async (shadow) => {
    const findings: Finding[] = []
    for (const [index, { path: name }] of list.migrationDirectories.entries()) {
      const down = await readDownScript(migrationsFolder, name)
      if (down === null) continue
      await deployOn(shadow, migrationsBefore(list, name))
      const expected = await readCatalog(shadow)
      await deployOn(shadow, { ...list, migrationDirectories: list.migrationDirectories.slice(0, index + 1) })
      const broken = await whyBroken(
        shadow,
        name,
        async (body) => {
          await shadow.query(body)
          await requireCatalog(shadow, name, expected)
        },
        down,
      )
      if (broken !== null) findings.push(finding(name, broken))
    }
    return findings
  })
}

/** Null where it isn't; nothing of it is left either way. */
async function whyBroken(
  shadow: Session,
  name: string,
  run: (body: string) => Promise<void>,
  down: string,
): Promise<string | null> {
  try {
    const body = await downBody(name, down)
    await shadow.query('BEGIN')
    await explainingFailure(shadow, { name, body }, () => run(body))
    return null
  } catch (error) {
    if (!(error instanceof UndoRefused)) throw error
    return error.message
  } finally {
    if (shadow.lost() === null) await shadow.query('ROLLBACK')
  }
}

function finding(name: string, message: string): Finding {
  return {
    severity: 'error',
    code: 'down-restores-not',
    message,
    migrations: [name],
    remedy: `edit prisma/migrations/${name}/down.sql`,
  }
}
