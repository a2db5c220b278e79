import type { Finding } from '../files/finding.ts'

export type Rule = keyof typeof rules

interface RuleText {
  readonly severity: Finding['severity']
  /** What happens, in the sentence after the one that says what the statement does. */
  readonly happens: string
  /** The safe way, for PostgreSQL and for Prisma. */
  readonly safely: string
}

const ownMigration = 'npx prisma migrate dev --create-only --name NAME'
const inTwoSteps = (first: string, second: string) =>
  `${first} here; and in a migration of its own (${ownMigration}) ${second}`
const byCheck =
  'Instead: 1. ADD CONSTRAINT x CHECK (COLUMN IS NOT NULL) NOT VALID; 2. in a migration of its own ' +
  `(${ownMigration}) fill the rows, and in a third one VALIDATE CONSTRAINT x, ALTER COLUMN ... SET NOT NULL (which ` +
  'then looks at no row), DROP CONSTRAINT x'
const expandAndContract =
  'Expand and contract: 1. a migration adds the new one, the code writes both and reads the new one; put @ignore on ' +
  'the old field in schema.prisma, so that nothing selects it any more; 2. release; 3. the next release removes the ' +
  'field, in a migration with the line "-- migration: contract"'

/** Each with its name in `-- migration: allow NAME because REASON`. */
export const rules = {
  'index-not-concurrent': {
    severity: 'error',
    happens:
      'Nobody can write to the table until the index is built, which takes the longer the larger it is.',
    safely: `keep @@index or @@unique in schema.prisma, and move the statement into a migration of its own (${ownMigration}) with the line "-- migration: no transaction", as CREATE INDEX CONCURRENTLY`,
  },
  'drop-index-not-concurrent': {
    severity: 'warning',
    happens: 'It waits for every query on the table, and every new one waits behind it.',
    safely: `move it into a migration of its own (${ownMigration}) with the line "-- migration: no transaction", as DROP INDEX CONCURRENTLY`,
  },
  'unique-constraint-builds-index': {
    severity: 'error',
    happens: 'Nobody can read or write the table until its index is built.',
    safely: `first CREATE UNIQUE INDEX CONCURRENTLY in a migration of its own (${ownMigration}) with the line "-- migration: no transaction"; then ADD CONSTRAINT ... USING INDEX, or nothing: @@unique is content with the index`,
  },
  'foreign-key-validates': {
    severity: 'error',
    happens: 'Nobody can write to either table until the key of every row is looked up.',
    safely: inTwoSteps(
      'for a new column write it in one: ADD COLUMN ... CONSTRAINT x REFERENCES ..., which looks up nothing; else write ADD CONSTRAINT ... NOT VALID',
      'ALTER TABLE ... VALIDATE CONSTRAINT, which keeps nobody waiting',
    ),
  },
  'check-validates': {
    severity: 'error',
    happens: 'Nobody can read or write the table until every row is checked.',
    safely: inTwoSteps(
      'write ADD CONSTRAINT ... CHECK (...) NOT VALID',
      'ALTER TABLE ... VALIDATE CONSTRAINT, which keeps nobody waiting',
    ),
  },
  'set-not-null-scans': {
    severity: 'error',
    happens: 'Nobody can read or write the table until every row is looked at.',
    safely: byCheck,
  },
  'column-rewrites-table': {
    severity: 'error',
    happens:
      'Nobody can read or write the table until every row is written anew: its value differs from row to row.',
    safely: `add the column without it; in a migration of its own (${ownMigration}) fill the rows; then SET DEFAULT. A constant, or now(), costs nothing`,
  },
  'type-change-rewrites': {
    severity: 'error',
    happens: 'Nobody can read or write the table until every row and index is written anew.',
    safely: `add a column of the new type beside the old one. ${expandAndContract}`,
  },
  'required-column-without-default': {
    severity: 'error',
    happens: 'It fails as soon as the table has one row.',
    safely: `give it a constant DEFAULT; or add it without NOT NULL. ${byCheck}`,
  },
  'whole-table-locked': {
    severity: 'error',
    happens: 'Nobody can use the table until that is done.',
    safely:
      'do it beside everybody else (REINDEX, REFRESH or DETACH ... CONCURRENTLY), or outside of the migrations, in a pause',
  },
  'partition-scanned': {
    severity: 'error',
    happens: 'Nobody can use the partition until every row is checked against its bounds.',
    safely: 'first give it a CHECK of the same bounds, NOT VALID, and VALIDATE that in an earlier migration',
  },
  'work-under-lock': {
    severity: 'error',
    happens: 'The lock is kept to the end of the migration, so everybody waits for all of this.',
    safely: `move it into a migration of its own: ${ownMigration}`,
  },
  'rows-in-one-statement': {
    severity: 'warning',
    happens:
      'Every row stays locked until the end of the migration, gets a new lastModifiedAt, and is written to the log at once.',
    safely:
      'where there may be many, write them in portions: in a migration with the line "-- migration: no transaction", or by a script',
  },
  'rows-lost': {
    severity: 'error',
    happens: 'All rows of the table are lost.',
    safely: 'delete what has to go by DELETE ... WHERE',
  },
  'timestamp-without-time-zone': {
    severity: 'error',
    happens: "It stores a clock's hands without saying where the clock hangs.",
    safely: 'write @db.Timestamptz at the field in schema.prisma, and TIMESTAMPTZ here',
  },
  'serial-column': {
    severity: 'error',
    happens: 'Its sequence has its own owner and permissions, and is forgotten by copies of the table.',
    safely: 'write GENERATED BY DEFAULT AS IDENTITY; @default(autoincrement()) is content with it',
  },
  'char-column': {
    severity: 'warning',
    happens: 'It fills every value with blanks up to its length.',
    safely: 'write TEXT (a String without @db.Char), and a CHECK where the length matters',
  },
  'domain-constraint': {
    severity: 'warning',
    happens: 'To change it, every table that uses the domain is locked and checked.',
    safely: 'put a CHECK on the columns',
  },
  'concurrently-in-transaction': {
    severity: 'error',
    happens: 'PostgreSQL refuses it inside of a transaction.',
    safely: `move it into a migration of its own (${ownMigration}) with the line "-- migration: no transaction"`,
  },
  'mixed-with-no-transaction': {
    severity: 'error',
    happens:
      'The migration isn\'t one transaction ("-- migration: no transaction"), so that a failure leaves it half done.',
    safely: `leave in it only what can't be in a transaction, and move this one into another: ${ownMigration}`,
  },
  'needless-no-transaction': {
    severity: 'warning',
    happens: 'A failure would leave it half done.',
    safely: 'take the line "-- migration: no transaction" away',
  },
  'transaction-control': {
    severity: 'error',
    happens: 'Each migration is one transaction already, together with its row in the record of migrations.',
    safely: 'take it away',
  },
  'session-setting': {
    severity: 'warning',
    happens: 'It stays for the migrations after this one.',
    safely: 'write SET LOCAL',
  },
  'enum-value-used-at-once': {
    severity: 'error',
    happens: 'PostgreSQL refuses a new value of a type in the transaction that adds it.',
    safely: `move what uses it into a migration of its own: ${ownMigration}`,
  },
  'drops-much': {
    severity: 'error',
    happens: 'What all goes with it depends on the database.',
    safely: 'drop what has to go by its name, one by one',
  },
  'unmarked-contract': {
    severity: 'error',
    happens: 'Whatever still selects it fails at once, the release that runs during the deployment included.',
    safely: `mark the file with a line "-- migration: contract" once no release that runs uses it. ${expandAndContract}`,
  },
  'contract-too-early': {
    severity: 'error',
    happens: 'The last release selects it, and fails with it gone.',
    safely: expandAndContract,
  },
  'breaks-last-release': {
    severity: 'error',
    happens: 'The last release, which runs during the deployment, fails.',
    safely:
      'release code that copes with it first. A new required column: give it a DEFAULT until then, which may be dropped a release later',
  },
  'expand-that-removes': {
    severity: 'error',
    happens: 'The file says "-- migration: expand", which only adds.',
    safely: `move it into a migration of its own (${ownMigration}) with the line "-- migration: contract"`,
  },
  'needless-contract': {
    severity: 'warning',
    happens: 'Nothing in the file takes anything away.',
    safely: 'take the line "-- migration: contract" away',
  },
  'changes-server': {
    severity: 'warning',
    happens:
      'It is not of the schema: whoever applies the migrations to another database of the server finds it done.',
    safely: 'do it where the server is set up, outside of the migrations',
  },
  'unreadable-sql': {
    severity: 'warning',
    happens: 'So it was not checked.',
    safely: 'write out the statements',
  },
  'syntax-error': {
    severity: 'error',
    happens: "PostgreSQL won't understand it.",
    safely: 'correct it',
  },
  'unknown-directive': {
    severity: 'error',
    happens: 'So it has no effect.',
    safely: 'write one of: -- migration: no transaction | expand | contract | allow RULE because REASON',
  },
  'unknown-rule': {
    severity: 'error',
    happens: 'So it allows nothing.',
    safely: 'name the rule as the finding does',
  },
  'unused-exception': {
    severity: 'error',
    happens: 'The statement right below it does nothing of that kind.',
    safely: 'take the line away, or put it right above the statement that it is about',
  },
} as const satisfies Record<string, RuleText>

export function isRule(name: string): name is Rule {
  return Object.hasOwn(rules, name)
}
