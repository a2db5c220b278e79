import pino, { type Logger } from 'pino'
import type { LogLevel } from './config.ts'

/** JSON lines on standard error, so that standard output is left to what people read. */
export function createLog(
  level: LogLevel,
  destination: pino.DestinationStream = pino.destination(2),
): Logger {
  return pino({ level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime }, destination)
}
