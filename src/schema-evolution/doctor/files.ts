import { checkMigrations } from '../check/check.ts'
import type { Examination } from './examination.ts'

/** All that `check` finds: files, lineage, git, unsafe SQL. @throws RangeError where there is no such branch */
export async function examineFiles(folder: string, base: string | undefined): Promise<Examination> {
  const checked = await checkMigrations(folder, base)
  const compared = checked.base === null ? 'no branch to compare with' : `compared with ${checked.base}`
  return {
    area: 'files',
    isDone: true,
    looked: `${checked.count} migrations, their lineage and their SQL (${compared})`,
    findings: checked.findings,
  }
}
