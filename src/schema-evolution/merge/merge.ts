import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { catalogFile, formatCatalog } from '../files/catalog.ts'
import { stampOf } from '../files/stamp.ts'
import { readBase } from '../files/git.ts'
import { checkFolder } from '../check/lineage-check.ts'
import { formatLineage, hasConflictMarkers, lineageFile } from '../files/lineage.ts'
import { type MigrationFolder, readMigrationFolder } from '../files/migration-folder.ts'
import { changeFiles } from '../files/change-files.ts'
import { type Replay, type ReplayOptions, tryReplay } from '../engine/replay.ts'
import { conflictsOfMigrations } from '../sql/conflicts-of-migrations.ts'
import type { OrderConflict } from '../sql/commute.ts'
import { type Fork, forksOf } from './fork.ts'
import { type JoinPlan, planJoin } from './join-plan.ts'

/** What files and git tell of a join, before anything is tried. */
export interface PreparedMerge {
  readonly folder: string
  readonly here: MigrationFolder
  /** null where there is one head. */
  readonly fork: Fork | null
  readonly conflicts: readonly OrderConflict[]
  /** What has to be done first; null where nothing has. */
  readonly obstacle: { readonly code: 'merge-first' | 'unfinished'; readonly message: string } | null
}

export interface MergeResult {
  readonly outcome: 'joined' | 'replay failed' | 'differs' | 'in the way'
  readonly plan: JoinPlan | null
  /** What the database said, or how what was made differs; null where all is well. */
  readonly fault: string | null
}

/**
 * @param folder `prisma/migrations`
 * @param ref the branch that may have what isn't merged yet; without it the remote's main branch
 */
export async function prepareMerge(folder: string, ref?: string): Promise<PreparedMerge> {
  const here = await readMigrationFolder(folder)
  const forks = forksOf(here)
  const [fork = null] = forks
  return {
    folder,
    here,
    fork,
    conflicts: fork === null ? [] : conflictsOfFork(here, fork),
    obstacle: obstacleTo(here, forks, readBase(folder, ref)),
  }
}

/**
 * Tries it from zero and from each line alone; only where all end with the same schema, the same lineage and what
 * schema.prisma says, the two migrations are written.
 */
export async function finishMerge(
  { folder, here, fork }: PreparedMerge & { readonly fork: Fork },
  options: Omit<ReplayOptions, 'datamodel'> & { readonly dryRun: boolean },
): Promise<MergeResult> {
  const plan = planJoin(here, fork, stampOf(new Date()))
  const refused = (outcome: MergeResult['outcome'], fault: string) => ({ outcome, plan, fault })
  if (plan === null) {
    const first = fork.lines.flat().sort()[0]!
    return refused(
      'in the way',
      `There is no second between ${fork.parent} and ${first} for what joins them.`,
    )
  }
  const [wrong] = checkFolder({ scripts: plan.scripts, lineage: formatLineage(plan.lines) }, null)
  if (wrong !== undefined) return refused('in the way', `${wrong.message}\nDo: ${wrong.remedy}`)

  const datamodel = await readFile(path.join(folder, '../schema.prisma'), 'utf8')
  const made = await replayAllWays(plan, fork, { ...options, datamodel })
  if ('outcome' in made) return refused(made.outcome, made.fault)
  if (!options.dryRun) {
    const texts = new Map([
      ...[plan.begins, plan.ends].map((name) => [`${name}/migration.sql`, plan.scripts.get(name)!] as const),
      [lineageFile, formatLineage(plan.lines)],
      [catalogFile, formatCatalog(made.catalog, plan.scripts.keys())],
    ])
    await changeFiles(folder, { texts })
  }
  return { outcome: 'joined', plan, fault: null }
}

/** What a new database gets, where every other gets the same. */
async function replayAllWays(
  { scripts, lines }: JoinPlan,
  fork: Fork,
  options: ReplayOptions,
): Promise<Replay | { outcome: MergeResult['outcome']; fault: string }> {
  const fromZero = await tryReplay(options, scripts)
  if (typeof fromZero === 'string') return { outcome: 'replay failed', fault: `From zero. ${fromZero}` }
  if (fromZero.difference !== null) return { outcome: 'differs', fault: fromZero.difference }
  const expected = textOf({ ...fromZero, lineage: lines.map(({ name, parent }) => ({ name, parent })) })
  for (const line of fork.lines) {
    const others = new Set(fork.lines.filter((one) => one !== line).flat())
    const before = [...scripts].filter(
      ([name]) => !others.has(name) && (name <= fork.parent || line.includes(name)),
    )
    const from = `From a database that has ${line.join(', ')}`
    const made = await tryReplay(options, new Map(before), scripts)
    if (typeof made === 'string') return { outcome: 'replay failed', fault: `${from}. ${made}` }
    if (textOf(made) !== expected) {
      return { outcome: 'differs', fault: `${from}, the schema or its lineage is another than from zero.` }
    }
  }
  return fromZero
}

function textOf({ catalog, lineage }: Pick<Replay, 'catalog' | 'lineage'>): string {
  return formatCatalog(catalog, []) + lineage.map(({ name, parent }) => `${name} ${parent}\n`).join('')
}

function conflictsOfFork({ scripts }: MigrationFolder, { lines }: Fork): OrderConflict[] {
  return lines.flatMap((line, index) =>
    lines.slice(index + 1).flatMap((other) => conflictsOfMigrations(scripts, line, other)),
  )
}

function obstacleTo(
  { scripts }: MigrationFolder,
  forks: readonly Fork[],
  base: ReturnType<typeof readBase>,
): PreparedMerge['obstacle'] {
  const missing = [...(base?.tip.scripts.keys() ?? [])].filter((name) => !scripts.has(name))
  if (base !== null && missing.length > 0) {
    const message = `${missing.join(', ')} of ${base.ref} isn't here yet.\nDo: git merge ${base.ref}, then: npm run migrations -- merge`
    return { code: 'merge-first', message }
  }
  const torn = [...scripts].filter(([, sql]) => sql === null || hasConflictMarkers(sql))
  if (torn.length > 0) {
    return {
      code: 'unfinished',
      message: `${torn[0]![0]}/migration.sql can't be read, or has git's conflict markers in it.`,
    }
  }
  if (forks.length < 2) return null
  const parents = forks.map(({ parent }) => parent).join(' and ')
  return {
    code: 'unfinished',
    message: `Several migrations follow each of ${parents}; one such place at a time can be joined.`,
  }
}
