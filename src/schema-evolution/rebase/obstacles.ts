import { hasConflictMarkers } from '../files/lineage.ts'
import { joinsOf } from '../files/join.ts'
import { twoHeads } from '../check/lineage-check.ts'
import { type MigrationFolder, writtenParents } from '../files/migration-folder.ts'
import type { Branches } from './branches.ts'

/** Why it can't be done now, and what has to be done first; sentences and a command. */
export interface Obstacle {
  readonly code: 'merge-first' | 'unfinished' | 'changed' | 'nothing-to-move' | 'join' | 'joined'
  readonly message: string
  readonly remedy: string
}

/** @param schema the text of schema.prisma */
export function obstacleTo(here: MigrationFolder, branches: Branches, schema: string): Obstacle | null {
  const { onto, missing, deleted, mine } = branches
  const restore = (names: readonly string[]) =>
    `git checkout ${onto.split(' ')[0]!} -- ${names.map((name) => `prisma/migrations/${name}`).join(' ')}`
  const changed = [...branches.fixed].filter(
    ([name, sql]) => here.scripts.has(name) && here.scripts.get(name) !== sql,
  )
  const torn = changed.filter(([name]) => hasConflictMarkers(here.scripts.get(name) ?? ''))
  if (torn.length > 0) {
    const name = torn[0]![0]
    return {
      code: 'unfinished',
      message: `Both branches have a migration called ${name}.`,
      remedy: `git show HEAD:./prisma/migrations/${name}/migration.sql, put that in a folder of another name, then: ${restore([name])}`,
    }
  }
  if (hasConflictMarkers(schema)) {
    return {
      code: 'unfinished',
      message:
        "prisma/schema.prisma has git's conflict markers in it, so it isn't known what the migrations are to make.",
      remedy: 'resolve them in an editor, then run this again',
    }
  }
  if (deleted.length > 0) {
    return {
      code: 'changed',
      message: `${deleted.join(', ')} of ${onto} was deleted here.`,
      remedy: restore(deleted),
    }
  }
  if (missing.length > 0) {
    return {
      code: 'merge-first',
      message: `${missing.join(', ')} of ${onto} isn't here yet, so nothing can be tried together. Nothing was changed.`,
      remedy: `git merge ${onto} (or git rebase ${onto}; git stops at prisma/migrations/lineage), then: npm run migrations -- rebase`,
    }
  }
  if (changed.length > 0) {
    const names = changed.map(([name]) => name)
    return {
      code: 'changed',
      message: `${names.join(', ')} isn't as ${onto} has it, and others may have applied that.`,
      remedy: restore(names),
    }
  }
  const unreadable = mine.filter((name) => here.scripts.get(name) === null)
  if (unreadable.length > 0) {
    return {
      code: 'unfinished',
      message: `${unreadable.join(', ')} has no migration.sql that can be read.`,
      remedy: `ls prisma/migrations/${unreadable[0]!}`,
    }
  }
  return joinAmong(here, mine) ?? headsOfOthers(here, branches)
}

/** What a join stands around can't be changed, so it can't be moved either. */
function joinAmong({ scripts }: MigrationFolder, mine: readonly string[]): Obstacle | null {
  const join = joinsOf(scripts).find(({ ends }) => mine.includes(ends))
  if (join === undefined) return null
  if (headsIn(scripts).length === 0) {
    return {
      code: 'joined',
      message: `${join.begins} and ${join.ends} join the branches, and all follow each other: nothing has to be moved.`,
      remedy:
        'git add prisma, commit and push; each database gets what it lacks by: npm run migrations -- deploy',
    }
  }
  const folders = [join.begins, join.ends].map((name) => `prisma/migrations/${name}`).join(' ')
  return {
    code: 'join',
    message: `${join.begins} and ${join.ends} join branches that are applied somewhere, so these can't be moved.`,
    remedy: `git rm -r -f ${folders}, then: npm run migrations -- merge`,
  }
}

function headsOfOthers({ scripts }: MigrationFolder, branches: Branches): Obstacle | null {
  const { mine, doubled, onto } = branches
  if (mine.length > 0 || doubled.size > 0) return null
  const heads = headsIn(scripts)
  if (heads.length === 0) return null
  return {
    code: 'nothing-to-move',
    message: `${heads[0]!.message} ${onto} has all of them, so both may be applied somewhere.`,
    remedy:
      'npm run migrations -- merge; or, where nobody has applied the one of them, name what has the other: ' +
      'npm run migrations -- rebase --onto COMMIT',
  }
}

function headsIn(scripts: MigrationFolder['scripts']) {
  return twoHeads([...writtenParents(scripts)].map(([name, parent]) => ({ name, parent })))
}
