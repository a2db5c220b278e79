import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'

/** Writes the files into a folder of the test's own, which goes with the test. @returns the folder */
export async function folderWith(
  files: Readonly<Record<string, string | Uint8Array | object>>,
): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'programme-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(files)) {
    const isRaw = typeof content === 'string' || content instanceof Uint8Array
    await writeFile(path.join(folder, name), isRaw ? content : JSON.stringify(content))
  }
  return folder
}

/** One file in a folder of the test's own. @returns its path */
export async function fileWith(content: string | Uint8Array | object, name = 'programme'): Promise<string> {
  return path.join(await folderWith({ [name]: content }), name)
}

/**
 * Real programmes, which aren't part of the project; tests that use them are skipped where they are absent. REAL_PROGRAMMES
 * names another folder of them.
 */
export const realData =
  process.env['REAL_PROGRAMMES'] ?? path.resolve(import.meta.dirname, '../../../shared/data')
export const realDataIsThere = existsSync(realData)
export const withRealData = realDataIsThere ? '' : ' (skipped: ../shared/data is absent)'
