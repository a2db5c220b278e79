import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'

/** What is to happen to a folder. */
export interface FileChanges {
  /** Folders in it that go, with all that is in them. */
  readonly removed?: readonly string[]
  readonly renames?: readonly { readonly from: string; readonly to: string }[]
  /** The new text of files, by their path then; folders that are missing are made. */
  readonly texts: ReadonlyMap<string, string>
}

/** @throws the file system's error; then everything is as it was before */
export async function changeFiles(
  folder: string,
  { removed = [], renames = [], texts }: FileChanges,
): Promise<void> {
  const undo: (() => Promise<unknown>)[] = []
  try {
    for (const { from, to } of renames) {
      await rename(path.join(folder, from), path.join(folder, to))
      undo.push(() => rename(path.join(folder, to), path.join(folder, from)))
    }
    for (const [file, text] of texts) undo.push(await replaceFile(path.join(folder, file), text))
    // Last, because nothing brings it back.
    for (const name of removed) await rm(path.join(folder, name), { recursive: true })
  } catch (error) {
    for (const step of undo.reverse()) await step()
    throw error
  }
}

/** @returns null if there is no such file */
export async function textIfThere(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
}

/** The file is never seen half-written. @returns what brings back what was there */
async function replaceFile(file: string, text: string): Promise<() => Promise<unknown>> {
  const before = await textIfThere(file)
  const made = await mkdir(path.dirname(file), { recursive: true })
  await writeFile(`${file}.new`, text)
  await rename(`${file}.new`, file)
  if (before !== null) return () => writeFile(file, before)
  return () => rm(made ?? file, { recursive: true, force: true })
}
