/** Something about the migrations or a database that isn't as it must be, for people and for scripts. */
export interface Finding {
  /** A note needs nobody: it is told so that nobody wonders. */
  readonly severity: 'error' | 'warning' | 'note'
  /** Words with hyphens, for scripts and for looking it up: `two-heads`. */
  readonly code: string
  /** What is wrong, and where; a sentence or two. */
  readonly message: string
  /** How that came about, or what follows from it, where the message doesn't say so. */
  readonly cause?: string
  /** The migrations that it is about, in their order. */
  readonly migrations: readonly string[]
  /** What mends it: the command to run, or what to write instead. */
  readonly remedy: string
}

/** A finding in a few lines for a terminal: what it is, what is wrong, why, what to run. */
export function describeFinding({ severity, code, message, cause, remedy }: Finding): string {
  const why = cause === undefined ? '' : `  Why: ${cause}\n`
  return `${severity}: ${code}\n  ${message}\n${why}  Do: ${remedy}\n`
}
