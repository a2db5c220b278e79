import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { ConfigError } from '../../config.ts'
import own from './trusted-documents.json' with { type: 'json' }
import { sha256Of, type TrustedDocuments } from './documents.ts'

/** 'sha256:HASH' to the text of the document, as GraphQL's code generators write it; with or without the prefix. */
const manifest = z.record(z.string().regex(/^(sha256:)?[0-9a-f]{64}$/), z.string())

/**
 * The documents that are trusted: those of this project's own clients, or those of a file.
 *
 * @param file null: this project's own
 * @throws ConfigError if the file can't be read, is no manifest, or names a document by another's hash
 */
export function trustedDocuments(file: string | null): TrustedDocuments {
  const documents: Readonly<Record<string, string>> = file === null ? own : readManifest(file)
  return new Map(Object.entries(documents).map(([id, text]): [string, string] => [hashIn(id, text), text]))
}

function readManifest(file: string): Readonly<Record<string, string>> {
  try {
    return manifest.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (error) {
    throw new ConfigError(
      `TRUSTED_DOCUMENTS must name a JSON file of { "sha256:HASH": "the document's text" }: ${messageOf(error)}`,
      { cause: error },
    )
  }
}

function hashIn(id: string, text: string): string {
  const hash = id.replace(/^sha256:/, '')
  if (hash === sha256Of(text)) return hash
  throw new ConfigError(`TRUSTED_DOCUMENTS names a document by ${id}, which isn't the SHA-256 of its text.`)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
