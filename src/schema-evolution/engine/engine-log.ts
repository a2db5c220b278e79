/** Lines for the CLI on standard error: it reads JSON and nothing else there, and shows it under DEBUG=prisma:*. */
export function logLine(level: 'INFO' | 'WARN' | 'ERROR', message: string, code?: string | null): void {
  const fields = code == null ? { message } : { message, error_code: code }
  process.stderr.write(`${JSON.stringify({ level, target: 'schema_engine::logger', fields })}\n`)
}

/** Node and pg print warnings as plain text by themselves, which the CLI would take for a broken answer. */
export function logWarningsAsLines(): void {
  process.removeAllListeners('warning')
  process.on('warning', ({ name, message }) => logLine('WARN', `${name}: ${message}`))
}
