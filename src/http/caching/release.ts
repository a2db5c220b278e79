import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { projectFolder } from '../../config.ts'

/** Where our code lies: src/, or the folder of the one file that it was bundled into. */
const codeFolder = /[\\/]http[\\/]caching$/.test(import.meta.dirname)
  ? path.join(import.meta.dirname, '..', '..')
  : import.meta.dirname

let known: string | undefined

/**
 * What an answer depends on beside the data: our code and schema, and this Node with its time zones. Servers of one release
 * on one Node have one word, and another release or a newer zone table another one.
 */
export function releaseWord(): string {
  known ??= wordOf(codeFolder)
  return known
}

function wordOf(folder: string): string {
  const hash = createHash('sha256').update(JSON.stringify(process.versions))
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  for (const file of files.filter((name) => /\.(ts|[cm]?js|graphql|json|wasm)$/.test(name)).toSorted()) {
    // What browsers are sent makes no answers.
    if (!file.includes('graphiql')) hash.update(file).update(readFileSync(path.join(folder, file)))
  }
  // Packages make texts and times, too.
  const lock = path.join(projectFolder, 'package-lock.json')
  if (existsSync(lock)) hash.update(readFileSync(lock))
  return hash.digest('base64url')
}
