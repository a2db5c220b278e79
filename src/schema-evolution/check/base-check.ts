import type { Finding } from '../files/finding.ts'
import type { Base } from '../files/git.ts'
import { areJoined, joinsOf } from '../files/join.ts'
import { error, linesOf, remedies, twoHeads } from './lineage-check.ts'
import { withoutLineageRows } from '../files/lineage-rows.ts'
import type { MigrationFolder } from '../files/migration-folder.ts'

/**
 * What others have already must stay as it is, and what is new must come after it.
 *
 * What the branch left behind is compared with the commit where it left its base: what the base did since isn't ours
 * to have. What is new is compared with the newest of the base, where it is going to.
 */
export function checkAgainstBase(folder: MigrationFolder, base: Base): Finding[] {
  const moved = movedSince(folder, base)
  const heads = headsWith(folder, base)
  return [
    ...changedSince(folder, base, new Set(moved.map(({ from }) => from))),
    ...moved.map(({ from, to }) =>
      error(
        'renamed',
        `${to} is ${from} of ${base.ref} under another name: where that was applied, it would be applied again.`,
        [from, to],
        `git mv prisma/migrations/${to} prisma/migrations/${from} && ${remedies.write}`,
      ),
    ),
    ...heads,
    ...mergedLate(
      folder,
      base,
      new Set([...heads.flatMap(({ migrations }) => migrations), ...moved.map(({ to }) => to)]),
    ),
  ]
}

/** The migrations that the base doesn't have. */
function ownOf({ scripts }: MigrationFolder, { tip, fork }: Base): string[] {
  return [...scripts.keys()].filter((name) => !tip.scripts.has(name) && !fork.scripts.has(name))
}

function changedSince({ scripts }: MigrationFolder, base: Base, moved: ReadonlySet<string>): Finding[] {
  return [...base.fork.scripts].flatMap(([name, before]) => {
    const now = scripts.get(name)
    const restore = `git checkout ${base.ref} -- prisma/migrations/${name}`
    if (now === before || now === base.tip.scripts.get(name) || moved.has(name)) return []
    if (now === undefined) {
      return [error('deleted', `${name} is in ${base.ref} and was deleted here.`, [name], restore)]
    }
    const message =
      `${name}/migration.sql was edited, and ${base.ref} has it already: databases that applied it won't ` +
      'get the change. What has to change goes into a new migration.'
    return [error('edited-since-base', message, [name], restore)]
  })
}

/** A rename may have brought another row of the lineage; what the migration does is still the same. */
function movedSince(folder: MigrationFolder, base: Base): { from: string; to: string }[] {
  const gone = [...base.fork.scripts].filter(([name]) => !folder.scripts.has(name))
  return ownOf(folder, base).flatMap((to) => {
    const does = withoutLineageRows(folder.scripts.get(to) ?? '')
    const from = gone.find(([, sql]) => sql !== null && does !== '' && withoutLineageRows(sql) === does)
    return from === undefined ? [] : [{ from: from[0], to }]
  })
}

/** The base went on after our branch left it, and both added a migration to the same one. */
function headsWith(folder: MigrationFolder, base: Base): Finding[] {
  const [ours, theirs] = [linesOf(folder), linesOf(base.tip)]
  if (!Array.isArray(ours) || !Array.isArray(theirs)) return []
  const own = new Set(ownOf(folder, base))
  const known = theirs.filter(({ name }) => !folder.scripts.has(name) && !base.fork.scripts.has(name))
  return twoHeads([...known, ...ours.filter(({ name }) => own.has(name))])
    .filter(({ migrations }) => migrations.some((name) => !own.has(name)))
    .map((finding) => {
      const others = finding.migrations.filter((name) => !own.has(name))
      return { ...finding, message: `${finding.message} ${base.ref} has ${others.join(' and ')}.` }
    })
}

function mergedLate(folder: MigrationFolder, base: Base, told: ReadonlySet<string>): Finding[] {
  const newest = [...base.tip.scripts.keys()].at(-1)
  const joins = joinsOf(folder.scripts)
  return ownOf(folder, base)
    .filter((name) => newest !== undefined && name < newest && !told.has(name))
    .filter((name) => !areJoined(joins, name, newest!))
    .map((name) => {
      const message =
        `${name} is new, but sorts before ${newest!} of ${base.ref}: databases that have the latter would get ` +
        'it late, and a new one early.'
      return error('merged-late', message, [name, newest!], remedies.rebase)
    })
}
