import { Worker } from 'node:worker_threads'
import { ApiError } from '../../errors.ts'
import { unreadable } from './faults.ts'
import type { FoundProgramme } from './found.ts'
import type { ReadApart } from './reading-thread.ts'
import type { SentFile } from './source.ts'

export interface ReadingLimits {
  readonly milliseconds: number
  /** Of memory that the thread may take. */
  readonly megabytes: number
  /** How many sessions the programme may have, how many speakers, and so on. */
  readonly parts: number
}

/**
 * Reads a programme as `readProgramme` does, in a thread of its own: the process goes on meanwhile, and a file that takes too
 * long or too much is given up, whatever is in it.
 *
 * @throws BAD_USER_INPUT as `readProgramme` does, and if the file takes more than the limits
 */
export async function readProgrammeApart(file: SentFile, limits: ReadingLimits): Promise<FoundProgramme> {
  const { milliseconds, megabytes, parts } = limits
  const tooMuch = (why: string) =>
    unreadable(file.name, `${why}. Import a large programme by the command, "npm run import".`)
  const thread = startThread({ file, parts }, megabytes)
  let timer: NodeJS.Timeout | undefined
  try {
    const answer = await new Promise<ReadApart>((resolve, reject) => {
      timer = setTimeout(
        () => reject(tooMuch(`takes longer than ${milliseconds / 1000} s to read`)),
        milliseconds,
      )
      thread.once('message', resolve)
      thread.once('error', (error: NodeJS.ErrnoException) => {
        const isFull = error.code === 'ERR_WORKER_OUT_OF_MEMORY' || error instanceof RangeError
        reject(isFull ? tooMuch('is nested too deep, or takes too much memory to read') : error)
      })
      thread.once('exit', () =>
        reject(new Error('The thread that reads a programme ended without an answer.')),
      )
    })
    if ('programme' in answer) return answer.programme
    throw new ApiError('BAD_USER_INPUT', answer.message, answer.details)
  } finally {
    clearTimeout(timer)
    await thread.terminate()
  }
}

function startThread(workerData: object, maxOldGenerationSizeMb: number): Worker {
  const options = { workerData, resourceLimits: { maxOldGenerationSizeMb } }
  if (!import.meta.url.endsWith('.ts'))
    return new Worker(new URL('./reading-thread.js', import.meta.url), options)
  // Node takes no loader for the file that a thread begins with.
  const file = JSON.stringify(new URL('./reading-thread.ts', import.meta.url).href)
  const start = `import('tsx/esm/api').then(({ tsImport }) => tsImport(${file}, ${file}))`
  return new Worker(start, { ...options, eval: true })
}
