import { parentPort, workerData } from 'node:worker_threads'
import { ApiError } from '../../errors.ts'
import { unreadable } from './faults.ts'
import type { FoundProgramme } from './found.ts'
import { readProgramme } from './read-programme.ts'
import type { SentFile } from './source.ts'

/** What the thread answers, once. */
export type ReadApart =
  { readonly programme: FoundProgramme } | { readonly message: string; readonly details: ApiError['details'] }

async function answer(): Promise<ReadApart> {
  // As `readProgrammeApart` starts it.
  const { file, parts } = workerData as { file: SentFile; parts: number }
  try {
    const programme = await readProgramme(file)
    requireFew(programme, parts)
    return { programme }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    return { message: error.message, details: error.details }
  }
}

function requireFew(programme: FoundProgramme, most: number): void {
  const fault = (count: number, what: string) => {
    const reason = `has ${count.toLocaleString('en')} ${what}, more than ${most.toLocaleString('en')}.`
    throw unreadable(programme.event.place, reason)
  }
  for (const kind of ['sessions', 'speakers', 'rooms', 'tracks', 'sessionTypes'] as const) {
    const count = programme[kind]?.length ?? 0
    if (count > most) fault(count, kind)
  }
  if (programme.told.length > most) fault(programme.told.length, 'places that would have to be mended')
}

parentPort!.postMessage(await answer())
