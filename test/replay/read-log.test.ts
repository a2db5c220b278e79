import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { changeLog } from './change-log.ts'
import { readLog } from './read-log.ts'

function fileOf(lines: readonly unknown[]): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'open-event-log-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = path.join(folder, 'changes.jsonl')
  writeFileSync(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''))
  return file
}

test('a change log that is written to a file is read as it was', () => {
  const made = changeLog(3, { sessions: 60, changes: 5_000 })
  expect(readLog(fileOf(made))).toEqual({ changes: made, sessions: 60 })
})

test.each([
  ['that nobody knows', { do: 'explode', session: 4 }, 'Line 2 of the log is no change'],
  ['of a room that there is not', { do: 'name', of: 'room', which: 20, name: 'x' }, 'Line 2 of the log'],
  ['that hides one of a pair', { do: 'delete', session: 1 }, 'Change 2 of the log does to a pair'],
  ['that gives to a stranger', { do: 'transfer', sessions: [0, 3], amount: 1 }, 'Change 2 of the log'],
])('a change %s is named by its line', (_what, change, message) => {
  const first = { do: 'rename', session: 59, title: 'First' }
  expect(() => readLog(fileOf([first, change]))).toThrow(message)
})
