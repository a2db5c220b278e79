import { type ImportOptions, importProgramme } from '../../src/features/programme/import-programme.ts'
import type { ImportReport } from '../../src/features/programme/report.ts'
import { readProgramme } from '../../src/interchange/read/read-programme.ts'
import { fileWith } from '../interchange/files.ts'
import type { Store } from '../world.ts'

/** Imports a file or a folder as the operator does. */
export async function importAt(
  store: Store,
  path: string,
  options: Partial<ImportOptions> = {},
): Promise<ImportReport> {
  return importProgramme(store.operator, await readProgramme(path), {
    ...{ slug: null, timeZone: null, isDryRun: false, skipInvalid: false },
    // Two sessions are a programme in most tests, of which one is half.
    allowRemovals: true,
    ...options,
  })
}

/** Imports a file of that content. */
export async function importFile(
  store: Store,
  content: string | object,
  options: Partial<ImportOptions> = {},
): Promise<ImportReport> {
  return importAt(store, await fileWith(content), options)
}
