import { type Catalog, compareCatalogs } from '../files/catalog.ts'
import type { Finding } from '../files/finding.ts'
import { keepsLineage } from '../files/migration-folder.ts'
import { type Examination, skipped } from './examination.ts'
import type { Replay } from '../engine/replay.ts'
import type { NotReplayed } from './replay.ts'

/**
 * What all migrations make from zero against schema.prisma and the `catalog` file.
 *
 * @param kept the catalog file; null where there is none
 */
export function examineFromZero(
  replayed: Replay | NotReplayed,
  kept: Catalog | null,
  scripts: ReadonlyMap<string, string | null>,
): Examination {
  if ('reason' in replayed) {
    if (replayed.reason === 'no shadow database') {
      return skipped(
        'from zero',
        `no shadow database to replay the migrations in: ${lastLine(replayed.message)}`,
      )
    }
    return examined([fails(replayed.message)])
  }
  return examined([
    ...(replayed.difference === null ? [] : [schemaDiffers(replayed.difference)]),
    ...catalogFindings(replayed.catalog, kept, keepsLineage(scripts)),
  ])
}

function examined(findings: readonly Finding[]): Examination {
  const looked =
    'all migrations replayed in a shadow database, against prisma/schema.prisma and prisma/migrations/catalog'
  return { area: 'from zero', isDone: true, looked, findings }
}

function fails(message: string): Finding {
  return {
    severity: 'error',
    code: 'fails-from-zero',
    message: `The migrations can't be applied to an empty database: ${message}`,
    cause: 'A new installation, and every test, would stop there.',
    migrations: [],
    remedy:
      'Mend what "npm run migrations -- check" finds; where a migration rests on what is not there, see its SQL.',
  }
}

function schemaDiffers(difference: string): Finding {
  return {
    severity: 'error',
    code: 'schema-differs',
    message: `prisma/schema.prisma isn't what the migrations make. To be so, they lack:\n  ${difference.replaceAll('\n', '\n  ')}`,
    cause: 'The schema was edited without a migration, or a merge took one side of the two.',
    migrations: [],
    remedy: 'npx prisma migrate dev --name what-changes',
  }
}

function catalogFindings(made: Catalog, kept: Catalog | null, isWanted: boolean): Finding[] {
  if (kept === null && !isWanted) return []
  const { missing, changed, extra } = compareCatalogs(kept ?? new Map(), made)
  if (kept !== null && missing.length + changed.length + extra.length === 0) return []
  const names = [...missing, ...changed, ...extra]
  const shown = names.slice(0, 5).join(', ') + (names.length > 5 ? ` and ${names.length - 5} more` : '')
  return [
    {
      severity: 'error',
      code: kept === null ? 'no-catalog' : 'catalog-stale',
      message:
        kept === null
          ? "There is no file prisma/migrations/catalog, so the server can't see drift."
          : `prisma/migrations/catalog isn't what the migrations make: ${shown}.`,
      cause: 'A migration was written or merged without "npx prisma migrate dev", which keeps the file.',
      migrations: [],
      remedy: 'npm run catalog',
    },
  ]
}

function lastLine(text: string): string {
  return text
    .split('\n')
    .at(-1)!
    .replace(/^.*Original error: /, '')
}
