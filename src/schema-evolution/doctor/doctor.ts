import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { databaseFaultOf } from '../../database/faults.ts'
import { readCatalogFile } from '../files/catalog.ts'
import type { Finding } from '../files/finding.ts'
import { readMigrationFolder } from '../files/migration-folder.ts'
import { readDatabase } from './database-facts.ts'
import { examineState, type WorkingTree } from './examine-database.ts'
import { areas, type Examination, skipped } from './examination.ts'
import { examineFiles } from './files.ts'
import { examineFromZero } from './from-zero.ts'
import { examineClient } from './generated-client.ts'
import { replayer } from './replay.ts'

export interface DoctorOptions {
  /** The folder of package.json. */
  readonly projectFolder: string
  /** The branch to compare the files with; undefined: the remote's main branch. */
  readonly base: string | undefined
  /** Null: no database is asked; then it says why. */
  readonly database: string | { readonly none: string }
  /** A database that may be emptied; undefined: one is made for it and dropped. */
  readonly shadowDatabaseUrl: string | undefined
}

/** Everything that could be known. */
export interface Diagnosis {
  /** Null: it wasn't asked. */
  readonly isDatabaseReachable: boolean | null
  /** The gravest first. */
  readonly findings: readonly (Finding & { readonly area: Examination['area'] })[]
  readonly looked: readonly Omit<Examination, 'findings'>[]
}

/**
 * Looks at the working tree and at a database, and changes neither: the database is read in a READ ONLY transaction;
 * only the shadow database is written.
 *
 * @throws RangeError where there is no branch `base`
 */
export async function diagnose(options: DoctorOptions): Promise<Diagnosis> {
  const { projectFolder, base, database } = options
  const folder = path.join(projectFolder, 'prisma/migrations')
  const files = [await examineFiles(folder, base), await examineClient(projectFolder)]
  if (typeof database !== 'string') return diagnosis(null, [...files, skipped('server', database.none)])
  try {
    return diagnosis(true, [...files, ...(await examineDatabase(database, folder, files[0]!, options))])
  } catch (error) {
    if (databaseFaultOf(error)?.kind !== 'unavailable') throw error
    return diagnosis(false, [...files, unreachable(error as Error)])
  }
}

async function examineDatabase(
  url: string,
  folder: string,
  files: Examination,
  { projectFolder, shadowDatabaseUrl }: DoctorOptions,
): Promise<Examination[]> {
  const tree: WorkingTree = {
    path: folder,
    folder: await readMigrationFolder(folder),
    kept: await readCatalogFile(folder),
  }
  const schema = await readFile(path.join(projectFolder, 'prisma/schema.prisma'), 'utf8').catch(() => null)
  const replay = replayer(tree.folder.scripts, { url, shadowDatabaseUrl, schema })
  const facts = await readDatabase(url, tree.kept)
  const inTheWay = files.findings.find(({ code }) => unreplayable.has(code))
  return [
    ...facts.examinations,
    ...(await examineState(tree, facts, replay)),
    inTheWay === undefined
      ? examineFromZero(await replay(new Set(tree.folder.scripts.keys())), tree.kept, tree.folder.scripts)
      : skipped('from zero', `not before the files are in order (${inTheWay.code})`),
  ]
}

/** What makes a replay fail with a message that says less. */
const unreplayable = new Set([
  'two-heads',
  'conflict-markers',
  'unreadable-file',
  'unreadable-lineage',
  'syntax-error',
])

function unreachable(error: Error): Examination {
  const message = error instanceof AggregateError ? error.errors.map(String).join('; ') : error.message
  return {
    area: 'server',
    isDone: false,
    looked: "the database can't be reached",
    findings: [
      {
        severity: 'error',
        code: 'unreachable',
        message: `The database can't be reached: ${message}`,
        cause: 'Everything about it is unknown; what the files tell stands here all the same.',
        migrations: [],
        remedy: 'Check DATABASE_URL and that the server runs, or leave it out for the embedded PostgreSQL',
      },
    ],
  }
}

function diagnosis(isDatabaseReachable: boolean | null, examined: readonly Examination[]): Diagnosis {
  const inOrder = areas.flatMap((area) => examined.filter((one) => one.area === area))
  const grave = ['error', 'warning', 'note']
  return {
    isDatabaseReachable,
    findings: inOrder
      .flatMap(({ area, findings }) => findings.map((finding) => ({ area, ...finding })))
      .sort((one, other) => grave.indexOf(one.severity) - grave.indexOf(other.severity)),
    looked: inOrder.map(({ area, isDone, looked }) => ({ area, isDone, looked })),
  }
}
