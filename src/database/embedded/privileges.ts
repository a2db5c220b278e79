import { spawnSync } from 'node:child_process'
import { chownSync, statSync } from 'node:fs'
import path from 'node:path'
import { EmbeddedDatabaseError } from './fault.ts'

/**
 * How the programs of PostgreSQL are run. PostgreSQL refuses to run as root, so root gives the privileges up for
 * them: as user and group 65534 ("nobody"), which every Unix has without anybody creating it.
 */
export interface Privileges {
  /** What is put in front of the program and its arguments. */
  readonly prefix: readonly string[]
  /** For `spawn`. */
  readonly identity: { readonly uid?: number; readonly gid?: number }
  /** Hands a file or folder over to the user that PostgreSQL runs as. */
  handOver(file: string): void
}

const nobody = 65534

/**
 * @param places folders that PostgreSQL must reach: its programs and its data
 * @throws EmbeddedDatabaseError where it can't be given the way to them
 */
export function privilegesFor(places: readonly string[]): Privileges {
  if (process.getuid?.() !== 0) return { prefix: [], identity: {}, handOver: () => {} }
  const handOver = (file: string) => chownSync(file, nobody, nobody)
  const closed = places.flatMap(foldersTo).find((folder) => !maySearch(folder))
  if (closed === undefined) return { prefix: [], identity: { uid: nobody, gid: nobody }, handOver }
  return { prefix: prefixThatSearches(closed), identity: {}, handOver }
}

/**
 * A clone below a folder that is closed to others, such as /root: nobody's modes are touched. PostgreSQL keeps, of
 * root's powers, only the one to pass through folders, or to overlook modes where a container has left no other.
 */
function prefixThatSearches(closed: string): readonly string[] {
  // Without the securebit, access(2) would overlook the capability, and PostgreSQL asks it about its own programs.
  const identity = [
    '--securebits=+no_setuid_fixup',
    `--reuid=${nobody}`,
    `--regid=${nobody}`,
    '--clear-groups',
  ]
  for (const capability of ['dac_read_search', 'dac_override']) {
    const only = `-all,+${capability}`
    const prefix = ['setpriv', ...identity, `--inh-caps=${only}`, `--ambient-caps=${only}`]
    if (spawnSync(prefix[0]!, [...prefix.slice(1), 'test', '-x', path.join(closed, '.')]).status === 0)
      return prefix
  }
  throw new EmbeddedDatabaseError(
    `PostgreSQL doesn't run as root, and ${closed} is closed to other users. Move the project or name another folder ` +
      'in OPEN_EVENT_DATA, run as an ordinary user, or name a PostgreSQL server in DATABASE_URL.',
  )
}

function foldersTo(place: string): string[] {
  const parent = path.dirname(place)
  return parent === place ? [place] : [...foldersTo(parent), place]
}

function maySearch(folder: string): boolean {
  const { mode, uid, gid } = statSync(folder)
  if (uid === nobody) return (mode & 0o100) !== 0
  return (mode & (gid === nobody ? 0o010 : 0o001)) !== 0
}
