/** Something about the migrations that isn't as it must be, for people and for scripts. */
export interface Finding {
  readonly severity: 'error' | 'warning'
  /** Words with hyphens, for scripts and for looking it up: `two-heads`. */
  readonly code: string
  /** What is wrong, and where; a sentence or two. */
  readonly message: string
  /** The migrations that it is about, in their order. */
  readonly migrations: readonly string[]
  /** What mends it: the command to run, or what to write instead. */
  readonly remedy: string
}

/** A finding in three lines for a terminal: what it is, what is wrong, what to run. */
export function describeFinding({ severity, code, message, remedy }: Finding): string {
  return `${severity}: ${code}\n  ${message}\n  Do: ${remedy}\n`
}
