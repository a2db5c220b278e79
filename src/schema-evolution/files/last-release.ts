import { git } from './git.ts'
import { type ReleasedSchema, readPrismaSchema } from './released-schema.ts'

/** The release that runs while the next one is deployed. */
export interface RunningRelease {
  /** Its tag, or how else it was named. */
  readonly name: string
  readonly schema: ReleasedSchema
  readonly migrations: ReadonlySet<string>
}

/** Why it isn't known what runs; a sentence. */
export interface NoRelease {
  readonly why: string
}

export function isRelease(release: RunningRelease | NoRelease): release is RunningRelease {
  return 'schema' in release
}

/**
 * The newest tag `v1.2.3` before the commit that is checked out, or what `ref` names.
 *
 * @param folder `prisma/migrations`; `schema.prisma` is beside it
 * @throws RangeError where git doesn't know `ref`
 */
export function lastRelease(folder: string, ref?: string): RunningRelease | NoRelease {
  const name = ref ?? newestTag(folder)
  if (name === null) {
    return git(folder, ['rev-parse', '--git-dir']) === null
      ? { why: 'This is no git clone, so it is not known what the last release uses.' }
      : { why: 'No tag such as v1.0.0 is in the history of this commit: there was no release yet.' }
  }
  const schema = git(folder, ['show', `${name}:../schema.prisma`])?.toString() ?? null
  if (schema === null && ref !== undefined) {
    throw new RangeError(
      `git knows no ${JSON.stringify(ref)} with a prisma/schema.prisma. Fetch it: git fetch --tags`,
    )
  }
  if (schema === null) return { why: `${name} has no prisma/schema.prisma.` }
  const migrations = git(folder, ['ls-tree', '--name-only', '-z', name, './'])?.toString() ?? ''
  return { name, schema: readPrismaSchema(schema), migrations: new Set(migrations.split('\0')) }
}

/** A tag of the commit itself is the release that is being made, not the one that runs. */
function newestTag(folder: string): string | null {
  const args = ['tag', '--list', 'v[0-9]*', '--merged', 'HEAD', '--no-contains', 'HEAD', '--sort=-v:refname']
  const tags = git(folder, args)?.toString().split('\n') ?? []
  return tags.find((tag) => /^v\d+(\.\d+)*$/.test(tag)) ?? null
}
