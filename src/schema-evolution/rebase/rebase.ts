import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { type Catalog, catalogFile, formatCatalog } from '../files/catalog.ts'
import { checkFolder } from '../check/lineage-check.ts'
import { formatLineage, lineageFile } from '../files/lineage.ts'
import { readDownScript } from '../files/migration-files.ts'
import { type MigrationFolder, readMigrationFolder } from '../files/migration-folder.ts'
import type { OrderConflict } from '../sql/commute.ts'
import { conflictsOfMigrations } from '../sql/conflicts-of-migrations.ts'
import { alignDatabase, type Alignment } from './align-database.ts'
import { changeFiles } from '../files/change-files.ts'
import { type Branches, readBranches } from './branches.ts'
import { type Obstacle, obstacleTo } from './obstacles.ts'
import { planRebase, type RebasePlan } from './rebase-plan.ts'
import { tryReplay } from '../engine/replay.ts'

/** What files and git tell of a rebase, before anything is tried. */
export interface PreparedRebase {
  readonly folder: string
  /** The text of schema.prisma. */
  readonly schema: string
  readonly here: MigrationFolder
  readonly branches: Branches
  /** Where the two branches don't commute. */
  readonly conflicts: readonly OrderConflict[]
  readonly obstacle: Obstacle | null
}

export interface RebaseOptions {
  /** The developer's database, or at least one of its server. */
  readonly url: string
  readonly shadowDatabaseUrl?: string | undefined
  readonly dryRun: boolean
  /** Whether the database is left as it is. */
  readonly leaveDatabase: boolean
  /** Whether migrations may be taken back by their down.sql. */
  readonly undo: boolean
  /** Whether it is done although the migrations don't make what schema.prisma says. */
  readonly despiteDifference: boolean
}

export interface RebaseResult {
  readonly outcome: 'rebased' | 'nothing to do' | 'replay failed' | 'differs' | 'in the way'
  readonly plan: RebasePlan
  /** What the database said, how the result differs, or what is wrong with the migrations; null where all is well. */
  readonly fault: string | null
  /** Files in prisma/migrations that were written, or would be. */
  readonly written: readonly string[]
  readonly database: Alignment | null
}

/**
 * @param folder `prisma/migrations`
 * @param ref what is to stay as it is; without it the remote's main branch
 * @throws RangeError where there is no such branch
 */
export async function prepareRebase(folder: string, ref?: string): Promise<PreparedRebase> {
  const here = await readMigrationFolder(folder)
  const schema = await readFile(path.join(folder, '../schema.prisma'), 'utf8')
  const branches = readBranches(folder, here, ref)
  const scripts = new Map([...branches.fixed, ...here.scripts])
  const conflicts = conflictsOfMigrations(scripts, branches.mine, branches.theirs)
  return { folder, schema, here, branches, conflicts, obstacle: obstacleTo(here, branches, schema) }
}

/**
 * Tries everything on a shadow database first, so a rebase that can't be done changes nothing at all.
 *
 * @throws SchemaEngineError where no shadow database can be made, or where the database can't be reached
 */
export async function finishRebase(prepared: PreparedRebase, options: RebaseOptions): Promise<RebaseResult> {
  const { folder, here, branches, schema } = prepared
  const plan = planRebase(here, branches, new Date())
  const refused = (outcome: RebaseResult['outcome'], fault: string): RebaseResult => ({
    outcome,
    plan,
    fault,
    written: [],
    database: null,
  })
  const [wrong] = checkFolder({ scripts: plan.scripts, lineage: formatLineage(plan.lines) }, null)
  if (wrong !== undefined) return refused('in the way', `${wrong.message}\nDo: ${wrong.remedy}`)
  const made = await tryReplay({ ...options, datamodel: schema }, plan.scripts)
  if (typeof made === 'string') return refused('replay failed', made)
  if (made.difference !== null && !options.despiteDifference) return refused('differs', made.difference)

  const catalog = await readFile(path.join(folder, catalogFile), 'utf8').catch(() => null)
  const written = [
    ...plan.removed.map((name) => `${name} -> nothing`),
    ...plan.moves.map(({ from, to }) => `${from} -> ${to}`),
    ...plan.rewritten.filter((name) => !plan.moves.some(({ to }) => to === name)),
    ...(plan.changesLineage ? ['lineage'] : []),
    ...(catalog === formatCatalog(made.catalog, plan.scripts.keys()) ? [] : ['catalog']),
  ]
  const downs = await readDowns(folder, plan)
  if (written.length > 0 && !options.dryRun) {
    await changeFiles(folder, {
      removed: plan.removed,
      renames: plan.moves,
      texts: textsOf(plan, made.catalog),
    })
  }
  const database = options.leaveDatabase
    ? null
    : await alignDatabase({ ...options, scripts: plan.scripts, catalog: made.catalog, downs })
  const outcome = written.length > 0 ? 'rebased' : 'nothing to do'
  return { outcome, plan, fault: made.difference, written, database }
}

function textsOf({ scripts, rewritten, lines }: RebasePlan, catalog: Catalog): Map<string, string> {
  return new Map([
    ...rewritten.map((name) => [`${name}/migration.sql`, scripts.get(name)!] as const),
    [lineageFile, formatLineage(lines)],
    [catalogFile, formatCatalog(catalog, scripts.keys())],
  ])
}

/** By the names that the migrations are to have. */
async function readDowns(folder: string, { moves, scripts }: RebasePlan): Promise<Map<string, string>> {
  const formerOf = new Map(moves.map(({ from, to }) => [to, from]))
  const downs = await Promise.all(
    [...scripts.keys()].map(async (name) => {
      return [name, await readDownScript(folder, formerOf.get(name) ?? name)] as const
    }),
  )
  return new Map(downs.flatMap(([name, sql]) => (sql === null ? [] : [[name, sql] as const])))
}
