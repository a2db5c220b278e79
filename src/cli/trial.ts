import { readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Logger } from 'pino'
import { mintToken, organizerOfEverything, tokenLookup } from '../access/tokens.ts'
import { type Config, migrationsFolder } from '../config.ts'
import { operatorContext } from '../context.ts'
import { type Database, openDatabase } from '../database/client.ts'
import { ApiError } from '../errors.ts'
import { loadDemoIfEmpty } from '../features/demo/demo-conference.ts'
import { requireSchema } from '../schema-evolution/gate/require-schema.ts'

/**
 * Makes the embedded database worth a try: the schema, the demo event where there is no event, an organizer's token.
 *
 * @param signal ends the waiting for somebody else who migrates
 * @returns the token, which is kept in the data folder, readable by its owner only, and used again at the next start
 */
export async function prepareTrial(
  databaseUrl: string,
  config: Config,
  { log, signal }: { readonly log: Logger; readonly signal: AbortSignal },
): Promise<string> {
  const { db, pool, close } = openDatabase(databaseUrl)
  try {
    const tell = (line: string) => log.info(line)
    await requireSchema({ pool, databaseUrl, migrationsFolder, migrate: config.migrateOnStart, tell, signal })
    const isLoaded = await loadDemoIfEmpty(operatorContext(db, log))
    if (isLoaded) log.info('the demo event was loaded, because there was no event')
    return await keptToken(db, path.join(config.dataFolder, 'organizer-token'))
  } finally {
    await close()
  }
}

async function keptToken(db: Database, file: string): Promise<string> {
  const kept = await readFile(file, 'utf8').catch(() => '')
  if (await isValid(db, kept.trim())) return kept.trim()
  const { token } = await mintToken(db, { ...organizerOfEverything, label: 'for trying, by npm start' })
  await writeFile(file, `${token}\n`, { mode: 0o600 })
  return token
}

async function isValid(db: Database, token: string): Promise<boolean> {
  try {
    return token !== '' && (await tokenLookup(db, () => new Date())(token)).kind === 'token'
  } catch (error) {
    if (error instanceof ApiError) return false
    throw error
  }
}
