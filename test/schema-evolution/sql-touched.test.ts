import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { migrationsFolder } from '../../src/config.ts'
import { conflictsBetween } from '../../src/schema-evolution/sql/commute.ts'
import { parseSql } from '../../src/schema-evolution/sql/parse.ts'
import { touches } from '../../src/schema-evolution/sql/touched-objects.ts'

describe('SQL', () => {
  test('is split into statements with their lines, and comments outside of strings and bodies', () => {
    const { statements, comments } = parseSql(
      "-- ä one\nSELECT 1;\n\n/* two */ SELECT '-- no'; SELECT $$\n-- no\n$$; -- three",
    )
    expect(statements.map(({ line, text }) => [line, text])).toEqual([
      [2, 'SELECT 1'],
      [4, "SELECT '-- no'"],
      [4, 'SELECT $$\n-- no\n$$'],
    ])
    expect(comments).toEqual([
      { line: 1, text: '-- ä one' },
      { line: 6, text: '-- three' },
    ])
  })

  test.each(['', ' \n', '-- nothing', ';'])('may say nothing: %j', (sql) => {
    expect(parseSql(sql).statements).toEqual([])
  })

  test.each([
    ['SELECT ä;\nCREATE TABL x', 2, 'syntax error at or near "TABL"'],
    ["\n\nSELECT 'abc", 3, `unterminated quoted string at or near "'abc"`],
    ['SELECT 1;\nDROP', 2, 'syntax error at end of input'],
  ])('that PostgreSQL refuses is refused with its line: %j', (sql, line, problem) => {
    expect(() => parseSql(sql)).toThrow(expect.objectContaining({ line, problem }))
  })
})

describe('a migration touches', () => {
  test.each([
    ['CREATE TABLE a (id int)', ['creates table a']],
    [
      'CREATE TABLE a (id uuid CONSTRAINT a_pkey PRIMARY KEY, level session_level REFERENCES levels (name))',
      [
        'creates table a',
        'creates index a_pkey',
        'needs type session_level',
        'needs table levels',
        'reads column levels.name',
      ],
    ],
    ['ALTER TABLE "a" ADD COLUMN "x" TEXT', ['needs table a', 'creates column a.x']],
    ['ALTER TABLE public.a DROP COLUMN x', ['needs table a', 'drops column a.x']],
    ['ALTER TABLE other.a DROP COLUMN x', ['needs table other.a', 'drops column other.a.x']],
    [
      'ALTER TABLE a ALTER x TYPE level USING y::level',
      ['needs table a', 'alters column a.x', 'needs type level', 'reads column a.y'],
    ],
    [
      'ALTER TABLE a ALTER x SET DEFAULT f()',
      ['needs table a', 'alters default a.x', 'needs column a.x', 'needs function f'],
    ],
    ['ALTER TABLE a ALTER x SET NOT NULL', ['needs table a', 'alters not null a.x', 'reads column a.x']],
    [
      'ALTER TABLE a ADD FOREIGN KEY (b_id) REFERENCES b (id)',
      [
        'needs table a',
        'creates constraint a.a_b_id_fkey',
        'reads column a.b_id',
        'needs table b',
        'reads column b.id',
      ],
    ],
    [
      'ALTER TABLE a ADD CONSTRAINT c CHECK (x > 0)',
      ['needs table a', 'creates constraint a.c', 'reads column a.x'],
    ],
    ['ALTER TABLE a RENAME COLUMN x TO y', ['needs table a', 'drops column a.x', 'creates column a.y']],
    ['ALTER TABLE a RENAME TO b', ['drops table a', 'creates table b']],
    ['ALTER TYPE t RENAME TO u', ['drops type t', 'creates type u']],
    ["ALTER TYPE t ADD VALUE 'x'", ['alters type t']],
    [
      'CREATE UNIQUE INDEX i ON a (x, lower(y)) WHERE z > 0',
      [
        'creates index i',
        'needs table a',
        'reads column a.x',
        'reads column a.y',
        'reads column a.z',
        'needs function lower',
      ],
    ],
    ['DROP INDEX i', ['drops index i']],
    ['DROP TABLE a, b', ['drops table a', 'drops table b']],
    ['DROP TRIGGER t ON a', ['drops trigger a.t']],
    ['DROP FUNCTION f(int)', ['drops function f']],
    ['DROP TABLE a CASCADE', ['drops table a', 'writes anything DROP ... CASCADE']],
    [
      'CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION f()',
      ['needs table a', 'creates trigger a.t', 'needs function f'],
    ],
    ['ALTER TABLE a DISABLE TRIGGER t', ['needs table a', 'alters trigger a.t']],
    ['ALTER TABLE a ENABLE ROW LEVEL SECURITY', ['needs table a', 'alters table a']],
    ['INSERT INTO a (x) VALUES (1)', ['needs table a', 'writes column a.*']],
    [
      'UPDATE a SET x = y WHERE a.z = 1',
      ['needs table a', 'writes column a.x', 'reads column a.y', 'reads column a.z'],
    ],
    [
      'WITH old AS (SELECT id FROM b) DELETE FROM a USING old WHERE a.id = old.id',
      ['needs table b', 'needs table a', 'writes column a.*', 'reads column a.id', 'reads column b.id'],
    ],
    ['CREATE VIEW v AS SELECT b.* FROM a AS b', ['creates view v', 'needs table a', 'reads column a.*']],
    ["SELECT setval('s', 1), set_config('a', 'b', true)", ['writes sequence s', 'needs function set_config']],
    ['SELECT fill()', ['needs function fill', 'writes anything the call of fill() at line 1']],
    ['TRUNCATE a', ['needs table a', 'writes column a.*']],
    ["SET LOCAL lock_timeout = '1s'", []],
    ["INSERT INTO migration_lineage (name, parent) VALUES ('b', 'a')", []],
    ["LOAD 'x'", ['writes anything LoadStmt at line 1']],
  ])('%s', (sql, expected) => {
    expect(said(sql)).toEqual(expected)
  })

  test('what a DO block does, branches and constant texts included', () => {
    expect(
      said(`DO $$ DECLARE n int; BEGIN
        n := (SELECT max(id) FROM a);
        IF EXISTS (SELECT FROM b) THEN ALTER TABLE c ADD COLUMN x int; END IF;
        EXECUTE 'DROP INDEX i';
      END $$`),
    ).toEqual([
      'needs table c',
      'creates column c.x',
      'drops index i',
      'needs table a',
      'reads column a.id',
      'needs function max',
      'needs table b',
    ])
  })

  test.each([
    "DO $$ BEGIN EXECUTE format('DROP TABLE %I', 'a'); END $$",
    "DO $$ BEGIN EXECUTE 'DROP TABLE ' || 'a'; END $$",
    "DO LANGUAGE plpython3u $$ plpy.execute('DROP TABLE a') $$",
  ])('anything, where SQL is put together: %s', (sql) => {
    expect(said(sql).filter((one) => /^writes anything the DO block at line 1/.test(one))).toHaveLength(1)
  })

  test('what a function needs, and does nothing of it yet', () => {
    expect(
      said(`CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        NEW.at := now();
        UPDATE a SET x = NEW.x WHERE id = OLD.id;
        PERFORM g();
        RETURN NEW;
      END $$`),
    ).toEqual([
      'creates function f',
      'needs table a',
      'needs column a.x',
      'needs column a.id',
      'needs function g',
      'needs function now',
    ])
    expect(said('CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT x FROM a $$')).toEqual([
      'alters function f',
      'needs table a',
      'needs column a.x',
    ])
    expect(said('CREATE FUNCTION f() RETURNS int LANGUAGE sql RETURN (SELECT x FROM a)')).toEqual([
      'creates function f',
      'needs table a',
      'needs column a.x',
    ])
  })

  test('nothing unknown in the migrations of this project, but what fills the history, the bookings, the slots and the words of older rows, and what counts rows', () => {
    const names = readdirSync(migrationsFolder).filter((name) => /^\d/.test(name))
    const unknown = names.flatMap((name) =>
      said(readFileSync(path.join(migrationsFolder, name, 'migration.sql'), 'utf8')).filter((one) =>
        one.includes('anything'),
      ),
    )
    // Wherever they stand: the next migration that writes words anew calls the same functions.
    expect(new Set(unknown.map((one) => one.replace(/ at line \d+/, '')))).toEqual(
      new Set([
        'writes anything the DO block, which runs SQL that it puts together',
        'writes anything the call of hold_schedule_alone()',
        'writes anything the call of keep_bookings()',
        'needs anything the body of the function require_room_for_more',
        'writes anything the call of keep_slots()',
        ...['count', 'write_search_document', 'to_jsonb'].map(
          (name) => `writes anything the call of ${name}()`,
        ),
      ]),
    )
  })
})

describe('two migrations', () => {
  const index = 'CREATE INDEX i ON a (x)'
  test.each([
    ['ALTER TABLE a ADD COLUMN x int', 'ALTER TABLE a ADD COLUMN y int'],
    ['ALTER TABLE a ADD COLUMN y int', index],
    [index, 'CREATE INDEX j ON a (x)'],
    ['CREATE TABLE b (id int)', 'CREATE TABLE c (id int)'],
    ['CREATE TABLE b (a_id int REFERENCES a (id))', 'ALTER TABLE a ADD COLUMN y int'],
    ['ALTER TABLE a ALTER x SET DEFAULT 1', index],
    ['ALTER TABLE a ALTER x SET NOT NULL', 'ALTER TABLE a ALTER x SET DEFAULT 1'],
    ['UPDATE a SET x = 1', 'UPDATE a SET y = 1'],
    ["ALTER TYPE t ADD VALUE 'x'", 'ALTER TABLE a ADD COLUMN y t'],
    ["DO $$ BEGIN EXECUTE 'DROP ' || 'TABLE a'; END $$", 'CREATE TABLE b (id int)'],
    ['CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT x FROM a $$', 'UPDATE a SET x = 1'],
  ])('commute: %s | %s', (ours, theirs) => {
    expect(conflicts(ours, theirs)).toEqual([])
    expect(conflicts(theirs, ours)).toEqual([])
  })

  test.each([
    [
      'ALTER TABLE a ADD COLUMN x int',
      'ALTER TABLE a ADD COLUMN x text',
      ['column a.x: both create the column a.x'],
    ],
    ['ALTER TABLE a DROP COLUMN x', index, ['column a.x: one drops, the other reads the column a.x']],
    [
      'ALTER TABLE a ALTER x TYPE int',
      'ALTER TABLE a ALTER x TYPE text',
      ['column a.x: both alter the column a.x'],
    ],
    [
      'ALTER TABLE a ALTER x TYPE int',
      'UPDATE a SET x = 1',
      ['column a.x: one alters, the other writes the column a.x'],
    ],
    [
      'ALTER TABLE a ALTER x SET DEFAULT 1',
      'ALTER TABLE a ALTER x SET DEFAULT 2',
      ['default a.x: both alter the default a.x'],
    ],
    [
      'DROP TABLE a',
      'ALTER TABLE a ADD COLUMN x int; CREATE INDEX i ON a (x)',
      ['table a: one drops, the other needs the table a'],
    ],
    ['CREATE TABLE b (id int)', 'CREATE TABLE b (id int)', ['table b: both create the table b']],
    [index, 'CREATE INDEX i ON b (y)', ['index i: both create the index i']],
    ['CREATE TABLE i (id int)', index, ['table i: both create the table i']],
    ['UPDATE a SET x = 1', 'INSERT INTO a (y) VALUES (1)', ['column a.x: both write the column a.x']],
    [
      'ALTER TABLE a ADD CONSTRAINT c CHECK (x > 0)',
      'UPDATE a SET x = 1',
      ['column a.x: one reads, the other writes the column a.x'],
    ],
    ["ALTER TYPE t ADD VALUE 'x'", "ALTER TYPE t ADD VALUE 'y'", ['type t: both alter the type t']],
    [
      'CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
      'CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 2 $$',
      ['function f: both alter the function f'],
    ],
    [
      'DROP FUNCTION f()',
      'CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION f()',
      ['function f: one drops, the other needs the function f'],
    ],
    [
      'ALTER TABLE a RENAME TO b',
      'ALTER TABLE a ADD COLUMN x int',
      ['table a: one drops, the other needs the table a'],
    ],
    [
      "DO $$ BEGIN EXECUTE 'DROP ' || 'TABLE a'; END $$",
      'ALTER TABLE b ADD COLUMN x int',
      [
        "the DO block at line 1, which runs SQL that it puts together: what the DO block at line 1, which runs SQL that it puts together touches can't be known, so somebody has to look at it",
      ],
    ],
  ])("don't commute: %s | %s", (ours, theirs, expected) => {
    expect(conflicts(ours, theirs)).toEqual(expected)
    expect(conflicts(theirs, ours)).toHaveLength(expected.length)
  })
})

function said(sql: string): string[] {
  return touches(sql).map(({ how, kind, name }) => `${how} ${kind} ${name}`)
}

function conflicts(ours: string, theirs: string): string[] {
  return conflictsBetween(touches(ours), touches(theirs)).map(
    ({ object, message }) => `${object}: ${message}`,
  )
}
