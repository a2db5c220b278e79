import type pg from 'pg'
import { databaseOf } from '../engine/database-commands.ts'
import { openPool } from '../../database/pool.ts'
import type { Conflict } from '../sql/commute.ts'
import { conflictsOfMigrations } from '../sql/conflicts-of-migrations.ts'
import { directivesOf } from '../sql/directives.ts'
import { parseSql } from '../sql/parse.ts'
import { align, inTransaction, type Target } from './align.ts'
import { type Applied, readAppliedMigrations } from './database.ts'

export interface AlignOptions extends Target {
  readonly url: string
  /** Whether migrations may be taken back and applied again, where nothing else helps. */
  readonly undo: boolean
  /** Whether it is only tried. */
  readonly dryRun: boolean
}

/** How a database stands after it was looked at. */
export interface Alignment {
  /** `in the way`: nothing was changed, and the message says what can be done. */
  readonly state: 'in order' | 'behind' | 'brought in line' | 'in the way'
  readonly message: string
  /** The former name to today's, of what it has under its former name. */
  readonly renamed: ReadonlyMap<string, string>
  readonly conflicts: readonly Conflict[]
}

/**
 * Brings a database that has migrations under their former names to where a new one would be, with its rows: it gets
 * today's names, and what it lacks. In one transaction, which is taken back where the schema isn't the very same then.
 *
 * @throws the driver's error where the database can't be reached
 */
export async function alignDatabase(options: AlignOptions): Promise<Alignment> {
  const pool = openPool(options.url, { max: 1 })
  pool.on('error', () => {})
  try {
    const client = await pool.connect()
    try {
      return await alignOn(client, options)
    } finally {
      client.release()
    }
  } finally {
    await pool.end()
  }
}

async function alignOn(client: pg.ClientBase, options: AlignOptions): Promise<Alignment> {
  const applied = await readAppliedMigrations(client, options.scripts)
  const { renamed, lacking } = applied
  const verdict = (state: Alignment['state'], message: string, conflicts: readonly Conflict[] = []) => ({
    state,
    message: `${databaseOf(options.url)}: ${message}`,
    renamed,
    conflicts,
  })
  const strange = strangeIn(applied)
  if (strange !== null) return verdict('in the way', `${strange}\n${waysOut.strange}`)
  if (renamed.size === 0) {
    return lacking.length === 0
      ? verdict('in order', 'it has all migrations.')
      : verdict('behind', `it lacks ${lacking.join(', ')}. Run: npx prisma migrate dev`)
  }
  const mine = [...renamed.values()].sort()
  const overtaken = lacking.filter((name) => name < mine.at(-1)!)
  const conflicts = conflictsOfMigrations(options.scripts, mine, overtaken)
  const undoes = conflicts.length > 0 && options.undo && mine.every((name) => options.downs.has(name))
  if (conflicts.length > 0 && !undoes) {
    const canUndo = mine.every((name) => options.downs.has(name))
    const told = `it has ${mine.join(', ')} and lacks ${overtaken.join(', ')}, and the order matters: ${conflicts.map(({ message }) => message).join('; ')}.`
    return verdict('in the way', `${told}\n${canUndo ? waysOut.undo : waysOut.reset}`, conflicts)
  }
  const alone = [...options.scripts].find(
    ([name, sql]) => (lacking.includes(name) || (undoes && mine.includes(name))) && isNoTransaction(sql),
  )
  if (alone !== undefined) {
    const told = `${alone[0]} can't be part of a transaction, so it can't be tried with the others.`
    return verdict('in the way', `${told}\n${waysOut.reset}`)
  }
  const fault = await inTransaction(client, options.dryRun, () =>
    align(client, options, applied, undoes ? mine : []),
  )
  if (fault !== null) return verdict('in the way', `${fault} Nothing was changed.\n${waysOut.reset}`)
  return verdict('brought in line', toldOf(applied, undoes, options.dryRun), conflicts)
}

const waysOut = {
  strange:
    'Nothing was changed. Look at "npm run migrations -- heads", or begin anew, without its rows: npx prisma migrate reset',
  reset:
    'Its rows can\'t be kept by this command. Save what you need of them ("pg_dump --data-only"), then, yourself: npx prisma migrate reset',
  undo:
    'Each of yours has a down.sql. To take yours back by it, with what is in nothing but them, and apply all in order: ' +
    'npm run migrations -- rebase --undo\nOr begin anew, without any rows: npx prisma migrate reset',
} as const

function strangeIn({ failed, edited, foreign }: Applied): string | null {
  if (failed.length > 0) return `${failed.join(', ')} began and didn't finish.`
  if (edited.length > 0) return `${edited.join(', ')} was edited after it was applied there.`
  return foreign.length > 0 ? `it has ${foreign.join(', ')}, which isn't here under any name.` : null
}

function toldOf({ renamed, lacking }: Applied, undone: boolean, dryRun: boolean): string {
  const [would, got] = dryRun ? ['would have', 'would get'] : ['has', 'got']
  const names = [...renamed].map(([from, to]) => (undone ? to : `${from} as ${to}`)).join(', ')
  const mine = undone ? `${names} taken back and applied again` : names
  const rest = lacking.length === 0 ? '' : ` and ${got} ${lacking.join(', ')}`
  return `it ${would} ${mine}${rest}; ${undone ? 'all other' : 'all'} rows are kept, and the schema is that of a new one.`
}

function isNoTransaction(sql: string): boolean {
  const script = parseSql(sql)
  return (
    directivesOf(script).some(({ kind }) => kind === 'no transaction') ||
    script.statements.some(({ tree }) => 'TransactionStmt' in tree)
  )
}
