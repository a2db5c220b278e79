import { cp } from 'node:fs/promises'
import path from 'node:path'
import { projectFolder } from '../src/config.ts'

/** What starts the server, or the command that comes first in the arguments, in a copy of the project as well. */
export const program = 'src/run.mjs'

/** Gives a copy of the project what was built of it, so that its commands needn't build: they find it is of the same. */
export async function copyBuilt(folder: string): Promise<void> {
  const isNeeded = (file: string) => !file.endsWith('.map') && !file.includes('generated')
  await cp(path.join(projectFolder, 'dist'), path.join(folder, 'dist'), { recursive: true, filter: isNeeded })
  for (const file of ['package.json', 'package-lock.json', program]) {
    await cp(path.join(projectFolder, file), path.join(folder, file), { preserveTimestamps: true })
  }
}
