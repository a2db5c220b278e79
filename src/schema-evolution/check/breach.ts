import type { Rule } from './rules.ts'

/** What a rule found in one migration. */
export interface Breach {
  readonly rule: Rule
  /** From 1, where the statement begins. */
  readonly line: number
  /** What the statement does, as a sentence: `It builds an index of sessions.` */
  readonly does: string
}

export function breach(rule: Rule, { line }: { readonly line: number }, does: string): Breach {
  return { rule, line, does }
}
