/** PostgreSQL's locks on tables, the weakest first. */
export const tableLocks = [
  'ACCESS SHARE',
  'ROW SHARE',
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
] as const
export type Lock = (typeof tableLocks)[number]

/** How much has to be done while the lock is held. */
export type LockWork =
  /** Only the catalogue changes: milliseconds, however large the table is. */
  | 'catalogue'
  /** Every row is read. */
  | 'scan'
  | 'index build'
  /** Every row, and every index, is written anew. */
  | 'rewrite'
  /** Rows are written one by one; how many, the WHERE decides. */
  | 'rows'
  /** It can't be known. */
  | 'unknown'

/** What a statement does to a table that is there. */
export interface Effect {
  /** null: which one can't be known. */
  readonly table: string | null
  readonly lock: Lock
  readonly work: LockWork
  /** What makes it so: `adds a foreign key`. */
  readonly cause: Cause
}

export type Cause = keyof typeof causes

/** What a statement does to a table, after "it". */
export const causes = {
  'add-column': 'adds a column',
  'add-column-computed': 'adds a column whose value has to be written into every row',
  'drop-column': 'drops a column',
  'change-type': 'changes the type of a column, which only the catalogue says',
  'change-type-rewrite': 'changes the type of a column',
  'set-not-null': 'looks for NULL in every row',
  'set-not-null-checked': 'forbids NULL, as a valid CHECK does already',
  'add-check': 'checks every row',
  'add-foreign-key': 'looks up the foreign key of every row',
  'referenced-by-foreign-key': 'makes, checks or drops a foreign key that points here',
  'add-unforced': 'adds a constraint for new rows (NOT VALID)',
  'add-unique': 'builds the index of a constraint',
  'add-constraint-using-index': 'makes an index a constraint',
  'validate-constraint': 'checks every row, beside everybody else',
  'alter-table': 'changes what the catalogue says',
  'rewrite-table': 'writes the whole table anew',
  'attach-partition': 'checks every row of the partition',
  'detach-partition': 'detaches a partition',
  'create-index': 'builds an index',
  'create-index-concurrently': 'builds an index beside everybody else',
  'drop-index': 'drops an index',
  'drop-index-concurrently': 'drops an index when nobody uses it',
  reindex: 'builds indexes anew',
  'drop-table': 'drops the table',
  rename: 'renames something',
  truncate: 'removes all rows',
  trigger: 'adds, drops or switches a trigger',
  'lock-table': 'locks the table',
  'refresh-view': 'computes the view anew',
  'write-rows': 'writes rows',
  read: 'reads the rows',
  unknown: 'does what its text alone does not tell',
} as const

/** Whom a lock keeps waiting. */
export function blocks(lock: Lock): 'reads and writes' | 'writes' | 'nobody' {
  if (lock === 'ACCESS EXCLUSIVE') return 'reads and writes'
  return tableLocks.indexOf(lock) >= tableLocks.indexOf('SHARE') ? 'writes' : 'nobody'
}
