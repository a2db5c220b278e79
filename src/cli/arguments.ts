import type { ArgsDef } from 'citty'

/** @throws RangeError for an option that the command doesn't have: a mistyped --dry-run or --before must not pass */
export function refuseUnknown(args: ArgsDef, rawArgs: readonly string[]): void {
  const unknown = rawArgs.find((arg) => arg.startsWith('-') && !isKnown(args, arg.replace(/=.*$/s, '')))
  if (unknown !== undefined) throw new RangeError(`There is no option ${unknown}; --help lists them.`)
}

/**
 * The one word of a command that takes one.
 *
 * @param word what citty takes for it
 * @param words all that stand there
 * @throws RangeError with the usage where there is none, or more than one
 */
export function onlyWord(word: string | undefined, words: readonly string[], usage: string): string {
  if (word === undefined || words.length !== 1) throw new RangeError(usage)
  return word
}

function isKnown(args: ArgsDef, option: string): boolean {
  return Object.entries(args).some(([name, { type }]) => type !== 'positional' && option === `--${name}`)
}
