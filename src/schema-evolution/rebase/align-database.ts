import pg from 'pg'
import { defaultLockTimeout } from '../deploy/patience.ts'
import { shapeOf } from '../deploy/script-shape.ts'
import { resetSession } from '../database/session-settings.ts'
import { holdMigrationLock } from '../database/wait-for-lock.ts'
import { databaseOf } from '../engine/database-commands.ts'
import { SchemaEngineError } from '../database/fault.ts'
import { openSession, type Session } from '../database/session.ts'
import { inOneTransaction, triedOut } from '../database/transaction.ts'
import type { OrderConflict } from '../sql/commute.ts'
import { conflictsOfMigrations } from '../sql/conflicts-of-migrations.ts'
import { align, giveNames, NotAligned, type AlignTarget } from './align.ts'
import { type Applied, readAppliedMigrations } from './applied.ts'

export interface AlignOptions extends AlignTarget {
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
  readonly conflicts: readonly OrderConflict[]
}

/**
 * Brings a database that has migrations under their former names to where a new one would be, with its rows: it gets
 * today's names, and what it lacks. In one transaction, which is taken back where the schema isn't the very same then.
 *
 * @throws SchemaEngineError P10xx where the database can't be reached
 */
export async function alignDatabase(options: AlignOptions): Promise<Alignment> {
  const session = await openSession(options.url, 'open-event-graphql rebase')
  const nothing = { renamed: new Map<string, string>(), conflicts: [] }
  try {
    const verdict = await alignOn(session, options)
    return { ...nothing, ...verdict, message: `${databaseOf(options.url)}: ${verdict.message}` }
  } finally {
    await session.close()
  }
}

type Verdict = Pick<Alignment, 'state' | 'message'> & Partial<Alignment>

async function alignOn(session: Session, options: AlignOptions): Promise<Verdict> {
  try {
    await using _lock = await holdMigrationLock(session, { wait: 5000 })
    const applied = await readAppliedMigrations(session, options.scripts)
    return { renamed: applied.renamed, ...(await alignUnderLock(session, options, applied)) }
  } catch (error) {
    if (!(error instanceof SchemaEngineError) || error.code !== 'P1002') throw error
    return inTheWay(error.message.replace(/, then run: .*$/, '.'), waysOut.later)
  }
}

async function alignUnderLock(session: Session, options: AlignOptions, applied: Applied): Promise<Verdict> {
  const { renamed, lacking } = applied
  const strange = strangeIn(applied)
  if (strange !== null) return inTheWay(strange, applied.failed.length > 0 ? waysOut.failed : waysOut.strange)
  if (renamed.size === 0 && lacking.length === 0)
    return { state: 'in order', message: 'it has all migrations.' }
  if (renamed.size === 0)
    return { state: 'behind', message: `it lacks ${lacking.join(', ')}. Run: npx prisma migrate dev` }

  const mine = [...renamed.values()].sort()
  const overtaken = lacking.filter((name) => name < mine.at(-1)!)
  const conflicts = conflictsOfMigrations(options.scripts, mine, overtaken)
  const canUndo = mine.every((name) => options.downs.has(name))
  if (conflicts.length > 0 && !(options.undo && canUndo)) {
    const why = conflicts.map(({ message }) => message).join('; ')
    const told = `it has ${mine.join(', ')} and lacks ${overtaken.join(', ')}, and the order matters: ${why}.`
    return { ...inTheWay(told, canUndo ? waysOut.undo : waysOut.takeBack), conflicts }
  }
  const undone = conflicts.length > 0 ? mine : []
  const alone = await outsideTransaction(options, [...undone, ...lacking])
  if (alone !== null && undone.length > 0) {
    return inTheWay(`${alone} can't be part of a transaction with others.`, waysOut.takeBack)
  }
  let byHand: string | null = null
  const fault = await tryOrTakeBack(session, options.dryRun, async () => {
    if (alone !== null) await giveNames(session, options.scripts, renamed)
    else byHand = await align(session, options, applied, undone)
  })
  if (fault !== null) return inTheWay(`${fault} Nothing was changed.`, waysOut.mend)
  if (alone !== null) return { state: 'behind', message: toldOfNames(applied, alone, options.dryRun) }
  const message = toldOf(applied, { isUndone: undone.length > 0, byHand, dryRun: options.dryRun })
  return { state: 'brought in line', message, conflicts }
}

function inTheWay(what: string, wayOut: string): Verdict {
  return { state: 'in the way', message: `${what}\n${wayOut}` }
}

/** @returns why it was taken back; null where it is done, or would be */
async function tryOrTakeBack(
  session: Session,
  dryRun: boolean,
  work: () => Promise<void>,
): Promise<string | null> {
  await resetSession(session, defaultLockTimeout)
  try {
    await (dryRun ? triedOut(session, work) : inOneTransaction(session, work))
    return null
  } catch (error) {
    if (error instanceof NotAligned || error instanceof pg.DatabaseError) return error.message
    throw session.lost() ?? error
  }
}

/** Its own BEGIN and COMMIT would end our transaction as well. */
async function outsideTransaction(
  { scripts, downs }: AlignOptions,
  names: readonly string[],
): Promise<string | null> {
  for (const name of names) {
    for (const sql of [scripts.get(name)!, downs.get(name) ?? '']) {
      const shape = await shapeOf(sql)
      if (shape.kind !== 'transaction' || shape.body !== sql) return name
    }
  }
  return null
}

const waysOut = {
  later: 'Nothing was changed. Do it then: npm run migrations -- rebase',
  failed: 'Nothing was changed. See what it left behind, and how to go on: npm run migrations -- doctor',
  strange: 'Nothing was changed. What to do about it, without a row lost: npm run migrations -- drift',
  mend: 'Mend what it names, in the rows or in a migration of yours, then run: npm run migrations -- rebase',
  takeBack:
    'To apply all in order, write a down.sql beside each of yours, which takes it back, then run: npm run migrations -- rebase --undo\n' +
    'Or, where nothing but the schema has to be taken back: npm run migrations -- drift --take-back && npx prisma migrate dev',
  undo:
    'Each of yours has a down.sql. To take yours back by it, with what is in nothing but them, and apply all in order: ' +
    'npm run migrations -- rebase --undo',
} as const

function strangeIn({ failed, edited, foreign }: Applied): string | null {
  if (failed.length > 0) return `${failed.join(', ')} began and didn't finish.`
  if (edited.length > 0) return `${edited.join(', ')} was edited after it was applied there.`
  return foreign.length > 0 ? `it has ${foreign.join(', ')}, which isn't here under any name.` : null
}

interface Told {
  readonly isUndone: boolean
  /** What was changed by hand, and stays so. */
  readonly byHand: string | null
  readonly dryRun: boolean
}

function toldOf({ renamed, lacking }: Applied, { isUndone, byHand, dryRun }: Told): string {
  const [would, got] = dryRun ? ['would have', 'would get'] : ['has', 'got']
  const mine = isUndone
    ? `${[...renamed.values()].join(', ')} taken back and applied again`
    : namesOf(renamed)
  const rest = lacking.length === 0 ? '' : ` and ${got} ${lacking.join(', ')}`
  const schema =
    byHand === null
      ? 'the schema is that of a new one.'
      : `what was changed by hand stays so (${byHand}). What to do about that, without a row lost: npm run migrations -- drift`
  return `it ${would} ${mine}${rest}; ${isUndone ? 'all other' : 'all'} rows are kept, and ${schema}`
}

function toldOfNames({ renamed, lacking }: Applied, alone: string, dryRun: boolean): string {
  return (
    `it ${dryRun ? 'would have' : 'has'} ${namesOf(renamed)}, and lacks ${lacking.join(', ')}. ${alone} can't be part of a ` +
    'transaction with others. Run: npx prisma migrate dev'
  )
}

function namesOf(renamed: Applied['renamed']): string {
  return [...renamed].map(([from, to]) => `${from} as ${to}`).join(', ')
}
