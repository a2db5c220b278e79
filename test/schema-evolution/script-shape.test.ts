import { expect, test } from 'vitest'
import { shapeOf } from '../../src/schema-evolution/deploy/script-shape.ts'

test.each([
  ['at its end', 'CREATE TABLE a (); COMMIT; CREATE TABLE b ();'],
  ['behind a comment within a comment', "/* a /* b */ ' */ COMMIT; SELECT 1 --'"],
  ['behind a quote that is escaped', String.raw`SELECT E'\''; COMMIT; SELECT ';'`],
  ['between comments that have dollars', '-- $$\nSELECT 1; COMMIT; SELECT 1 -- $$'],
  ['behind the body of a function', 'DO $a$ BEGIN NULL; END $a$; COMMIT; SELECT 1'],
  ['in a comment that says so', '-- migration: no transaction\nSELECT 1;'],
])('sees the end of a transaction %s', async (_where, sql) => {
  expect((await shapeOf(sql)).kind).toBe('steps')
})

test.each([
  ['the body of a function', 'DO $$ BEGIN NULL; COMMIT; END $$;'],
  ['a text', "SELECT 'a; COMMIT; b';"],
  ['a comment', '/* ; COMMIT; */ SELECT 1; -- ; COMMIT;'],
  ['a name', 'SELECT 1 AS "a; COMMIT;";'],
])('takes no notice of what ends a transaction in %s', async (_where, sql) => {
  expect(await shapeOf(sql)).toEqual({ kind: 'transaction', body: sql })
})
