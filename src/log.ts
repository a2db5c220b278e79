import pino, { type Logger } from 'pino'
import type { LogLevel } from './config.ts'

/** JSON lines on standard error, so that standard output is left to what people read. */
export function createLog(level: LogLevel, destination: pino.DestinationStream = standardError()): Logger {
  return pino({ level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime }, destination)
}

/** How long a line waits for others at most, in milliseconds. */
const patience = 100

/**
 * Writes lines together that come close upon each other: each write wakes whoever reads them, which takes longer than to
 * make the line. One that comes alone is written at once.
 */
function standardError(): pino.DestinationStream {
  const lines = pino.destination({ dest: 2, minLength: 8_192 })
  let [isPausing, isMore] = [false, false]
  const writeAndPause = () => {
    lines.flush()
    ;[isPausing, isMore] = [true, false]
    setTimeout(() => {
      isPausing = false
      if (isMore) writeAndPause()
    }, patience).unref()
  }
  process.once('exit', () => lines.flushSync())
  return {
    write: (line) => {
      lines.write(line)
      if (isPausing) isMore = true
      else writeAndPause()
    },
  }
}
